"""Checks of the network: paths between the components, certificates."""

from collections.abc import Iterator
from typing import Final

from common.grafana import ALERTMANAGER_DATA_SOURCE, PROMETHEUS_DATA_SOURCE
from operations.health.model import Result, UnknownError, failed, ok, unknown, warning
from operations.health.plan import HealthPlan
from operations.health.queries import CLIENT_CERTIFICATES
from operations.health.reading import Reading

_OPERATOR_JOB: Final = "prometheus-operator"
_API_SERVER_JOB: Final = "apiserver"


def prometheus_to_alertmanager(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether each Prometheus sends its alerts to every Alertmanager."""
    wanted = plan.cluster.alertmanager.pods
    fewest = min(answer.alertmanagers for answer in reading.prometheus.all())
    errors = round(max((sample.value for sample in reading.samples("alerts_undelivered")), default=0))
    value = f"{fewest} of {wanted} Alertmanagers discovered, {errors} errors in 15 min"
    if fewest < 1:
        yield failed(value, plan.runbook("PrometheusNotConnectedToAlertmanager"))
    elif fewest < wanted or errors:
        yield warning(value, plan.runbook("PrometheusErrorSendingAlerts"))
    else:
        yield ok(value)


def prometheus_to_operator(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether Prometheus reaches the operator that configures it."""
    if not any(component.name == _OPERATOR_JOB for component in plan.components):
        yield ok("none planned: operator.enabled is false")
        return
    answers = reading.prometheus.all()
    targets = [each for answer in answers for each in answer.targets if each["labels"]["job"] == _OPERATOR_JOB]
    up = [each for each in targets if each["health"] == "up"]
    if targets and len(up) == len(targets):
        yield ok("metrics of the operator scraped")
    else:
        error = next((each["lastError"] for each in targets if each["lastError"]), "no target")
        yield failed(f"metrics of the operator not scraped: {error}", plan.runbook("PrometheusOperatorNotReady"))


def grafana_to_prometheus(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether a query through Grafana's data source works."""
    yield from _data_source(plan, reading, PROMETHEUS_DATA_SOURCE)


def grafana_to_alertmanager(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether Alertmanager answers through Grafana's data source."""
    yield from _data_source(plan, reading, ALERTMANAGER_DATA_SOURCE)


def certificates(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield the days that each certificate of a planned probe is valid for."""
    days = {sample.labels["instance"]: sample.value for sample in reading.samples("certificates")}
    critical, soon = plan.limits["certificate_critical_days"], plan.limits["certificate_warning_days"]
    if not plan.tls_endpoints:
        yield ok("0 planned: no probe uses TLS")
    for endpoint in plan.tls_endpoints:
        if endpoint not in days:
            error = UnknownError("its probe reports no certificate", plan.runbook("EndpointProbeFailed"))
            yield unknown(error, endpoint)
            continue
        value = f"valid for {days[endpoint]:.1f} more days"
        if days[endpoint] < critical:
            yield failed(value, plan.runbook("CertificateExpiryCritical"), endpoint)
        elif days[endpoint] < soon:
            yield warning(value, plan.runbook("CertificateExpiringSoon"), endpoint)
        else:
            yield ok(value, endpoint)


def client_certificates(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield how many requests the API server got with a certificate that expires soon."""
    if not plan.has_api_server_target or plan.expression(CLIENT_CERTIFICATES) is None:
        yield ok(f"none planned: the settings disable the target or alert {CLIENT_CERTIFICATES}")
        return
    if not reading.samples("api_server"):
        raise UnknownError("the API server is not scraped", f"see the job {_API_SERVER_JOB} in the group collecting")
    found = max((sample.value for sample in reading.samples("client_certificates")), default=0)
    value = f"{found:.0f} requests in 15 min with less than {plan.limits['client_certificate_days']:g} days"
    yield warning(value, plan.runbook(CLIENT_CERTIFICATES)) if found else ok(value)


def _data_source(plan: HealthPlan, reading: Reading, uid: str) -> Iterator[Result]:
    if plan.grafana_account is None:
        yield ok("none planned: grafana.enabled is false")
        return
    (answer, *_) = reading.grafana.all()
    error = answer.sources[uid]
    if isinstance(error, UnknownError):
        yield unknown(error)
    elif error:
        yield failed(error, f"check the data source, its Service and network policies; {plan.runbook('GrafanaDown')}")
    else:
        yield ok(f"data source {uid} answers")
