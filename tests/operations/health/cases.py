"""Changes of a healthy stack, and what each makes of one check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from operations.health.model import State, UnknownError
from operations.health.reading import Sample
from tests.operations.health.healthy_stack import (
    ALERTMANAGER,
    GIBIBYTE,
    NOW,
    PROMETHEUS,
    HealthyStack,
    plan,
)
from verification.operator import Rejection

REFUSED: Final = UnknownError("GET /api: forbidden", "permissions")
SIMULATED: Final = UnknownError("pods are simulated", "none", simulated=True)
FAILED, WARNING, UNKNOWN = State.FAILED, State.WARNING, State.UNKNOWN
CRITICAL: Final = {"receiver_name": "critical", "integration": "pagerduty"}


@dataclass(frozen=True)
class Case:
    """A change of a healthy stack and what it makes of one check."""

    check: str
    state: State
    text: str
    change: Callable[[HealthyStack], Any]


def unread(name: str) -> Callable[[HealthyStack], Any]:
    """Return the change after which a response of the API server is missing."""
    return lambda stack: stack.objects.update({name: REFUSED})


def silent(*pods: str) -> Callable[[HealthyStack], Any]:
    """Return the change after which pods do not answer."""
    return lambda stack: stack.missing.update(dict.fromkeys(pods, REFUSED))


def failing_query(name: str) -> Callable[[HealthyStack], Any]:
    return lambda stack: [part["samples"].update({name: REFUSED}) for part in stack.prometheus.values()]


def no_result(name: str) -> Callable[[HealthyStack], Any]:
    return lambda stack: [part["samples"].update({name: []}) for part in stack.prometheus.values()]


def workload(name: str, **status: int) -> Callable[[HealthyStack], Any]:
    def change(stack: HealthyStack) -> None:
        next(each for each in stack.objects["workloads"] if each["metadata"]["name"] == name)["status"].update(status)

    return change


def image(stack: HealthyStack, text: str) -> None:
    (found,) = (each for each in stack.objects["workloads"] if each["metadata"]["name"] == "kube-state-metrics")
    found["spec"]["template"]["spec"]["containers"][0]["image"] = text


def scaled_to_zero(stack: HealthyStack) -> None:
    (found,) = (each for each in stack.objects["workloads"] if each["metadata"]["name"] == "kube-state-metrics")
    found["spec"]["replicas"], found["status"] = 0, {}


def remove_workload(stack: HealthyStack, name: str) -> None:
    stack.objects["workloads"] = [each for each in stack.objects["workloads"] if each["metadata"]["name"] != name]


def targets_of(job: str, **changes: Any) -> Callable[[HealthyStack], Any]:
    return lambda stack: [target.update(changes) for target in stack.target(job)]


def remove_targets(job: str) -> Callable[[HealthyStack], Any]:
    def change(stack: HealthyStack) -> None:
        for part in stack.prometheus.values():
            part["targets"] = [each for each in part["targets"] if each["labels"]["job"] != job]

    return change


def first_rule(**changes: Any) -> Callable[[HealthyStack], Any]:
    return lambda stack: stack.every("groups")[0]["rules"][0].update(changes)


def their_failing_rule(stack: HealthyStack) -> None:
    rule = {"name": "X", "query": "x", "health": "err", "lastError": "why", "labels": {}, "annotations": {}}
    group = dict(stack.every("groups")[0], file="/rules/search-x-1.yaml", name="x", rules=[rule])
    stack.prometheus[PROMETHEUS[0]]["groups"].append(group)


def no_groups(stack: HealthyStack) -> None:
    for part in stack.prometheus.values():
        part["groups"] = []


def first_group(**changes: Any) -> Callable[[HealthyStack], Any]:
    return lambda stack: stack.every("groups")[0].update(changes)


def metrics_of(component: str, old: str, new: str) -> Callable[[HealthyStack], Any]:
    """Return the change of a text in the metrics of the first replica."""

    def change(stack: HealthyStack) -> None:
        part = next(iter(getattr(stack, component).values()))
        assert old in part["metrics"]
        part["metrics"] = part["metrics"].replace(old, new)

    return change


def silence(days: float) -> Callable[[HealthyStack], Any]:
    return lambda stack: stack.alertmanager[ALERTMANAGER[0]]["silences"].append(
        {
            "id": "3f0f7a4e",
            "status": {"state": "active"},
            "endsAt": (NOW + timedelta(days=days)).isoformat(),
            "matchers": [{"name": "alertname", "value": "NodeDown"}],
            "createdBy": "someone",
            "comment": "known",
        }
    )


def rejection(namespace: str) -> Callable[[HealthyStack], Any]:
    found = Rejection(
        kind="ServiceMonitor", namespace=namespace, name="x", uid="", time="", message="invalid relabeling", path=""
    )
    return lambda stack: stack.objects["rejections"].append(found)


def monitor(stack: HealthyStack, namespace: str) -> None:
    (found,) = (
        each for each in stack.objects["monitors"] if each["metadata"]["namespace"] == namespace and each["spec"]
    )
    (endpoints,) = found["spec"].values()
    endpoints.append({})


def no_metrics_per_receiver(stack: HealthyStack) -> None:
    for part in stack.alertmanager.values():
        part["metrics"] = (
            part["metrics"].replace(',receiver_name="critical"', "").replace(',receiver_name="dead-mans-switch"', "")
        )


def never_notified(stack: HealthyStack) -> None:
    for part in stack.alertmanager.values():
        part["metrics"] = part["metrics"].replace('receiver_name="critical"} 4', 'receiver_name="critical"} 0')
    stack.sample("sent", 0, **CRITICAL)
    no_result("last_sent")(stack)


def simulated_node(stack: HealthyStack) -> None:
    stack.objects["simulated_nodes"] = {"node-1"}


def failed_reconciliation(stack: HealthyStack) -> None:
    stack.objects["instances"]["Alertmanager"]["status"]["conditions"][1] |= {
        "status": "False",
        "reason": "Failed",
        "message": "undefined receiver",
    }


def grafana(**changes: Any) -> Callable[[HealthyStack], Any]:
    return lambda stack: stack.grafana["grafana-0"].update(changes)


def add_memory(stack: HealthyStack, pod: str, container: str, share: float) -> None:
    sample = Sample({"namespace": "monitoring", "pod": pod, "container": container}, share * GIBIBYTE)
    for part in stack.prometheus.values():
        part["samples"]["memory"].append(sample)


def sample(query: str, value: float, **labels: str) -> Callable[[HealthyStack], Any]:
    return lambda stack: stack.sample(query, value, **labels)


def both(*changes: Callable[[HealthyStack], Any]) -> Callable[[HealthyStack], Any]:
    return lambda stack: [change(stack) for change in changes]


def discovered(alertmanagers: int) -> Callable[[HealthyStack], Any]:
    return lambda stack: stack.prometheus[PROMETHEUS[0]].update(alertmanagers=alertmanagers)


ENDPOINT: Final = {"instance": plan().tls_endpoints[0]}
RECEIVER: Final = {"remote_name": "long-term"}
PVC: Final = {"persistentvolumeclaim": plan().claims[0]}
CASES: Final = (
    # --- components
    Case("available", FAILED, "1 of 2 available", workload("prometheus", availableReplicas=1)),
    Case("available", FAILED, "0 of 1 available", workload("grafana", updatedReplicas=0)),
    Case("available", FAILED, "0 of 1 available", scaled_to_zero),
    Case("available", FAILED, "not deployed", lambda stack: remove_workload(stack, "node-exporter")),
    Case(
        "available",
        FAILED,
        "kube-state-metrics v2.10.0 instead of v2.20.0",
        lambda stack: image(stack, "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.10.0"),
    ),
    Case("available", UNKNOWN, "none of its images is known", lambda stack: image(stack, "registry/own-build:1")),
    Case("available", UNKNOWN, "its pods are simulated", simulated_node),
    Case("available", UNKNOWN, "forbidden", unread("workloads")),
    Case("reconciled", FAILED, "Reconciled is False: Failed: undefined receiver", failed_reconciliation),
    Case("reconciled", FAILED, "does not exist", lambda stack: stack.objects["instances"].update(Prometheus=None)),
    Case("reconciled", UNKNOWN, "forbidden", unread("instances")),
    Case("answers", UNKNOWN, "1 of 2 pods answer; prometheus-prometheus-1: GET /api: forbidden", silent(PROMETHEUS[1])),
    Case("answers", UNKNOWN, "0 of 1 pods answer", lambda stack: stack.grafana.clear()),
    # --- collecting
    Case("targets", FAILED, "0 of 1 up; 10.0.0.1: refused", targets_of("kubelet", health="down", lastError="refused")),
    Case("targets", FAILED, "0 targets", remove_targets("kube-state-metrics")),
    Case("targets", WARNING, "0 of 1 up", targets_of("theirs", health="down", lastError="refused")),
    Case("targets", UNKNOWN, "1 not scraped yet", targets_of("kubelet", health="unknown")),
    Case("targets", UNKNOWN, "targets are simulated", simulated_node),
    Case("targets", UNKNOWN, "forbidden", silent(*PROMETHEUS)),
    # --- dashboards
    Case("deployed", FAILED, "7 of 8 as planned", lambda stack: stack.objects["boards"].pop()),
    Case("deployed", UNKNOWN, "forbidden", unread("boards")),
    Case("grafana", FAILED, "7 of 8 dashboards loaded", grafana(boards=frozenset(list(plan().boards)[1:]))),
    Case("grafana", FAILED, "its database is failing", grafana(database="failing")),
    Case("grafana", UNKNOWN, "forbidden", grafana(boards=REFUSED)),
    Case("grafana", UNKNOWN, "forbidden", silent("grafana-0")),
    # --- routing
    Case(
        "alertmanager cluster",
        FAILED,
        "one sees 1 of 3 members",
        lambda stack: stack.alertmanager[ALERTMANAGER[1]]["status"]["cluster"].update(peers=[{}]),
    ),
    Case("alertmanager cluster", FAILED, "2 of 3 replicas answer", silent(ALERTMANAGER[2])),
    Case("alertmanager cluster", UNKNOWN, "forbidden", silent(*ALERTMANAGER)),
    Case(
        "configuration",
        FAILED,
        "has not generated the planned configuration",
        lambda stack: stack.objects["alertmanager_files"].update({"alertmanager.yaml": "route: {receiver: x}"}),
    ),
    Case(
        "configuration",
        FAILED,
        "has not loaded the planned configuration",
        metrics_of("alertmanager", "alertmanager_config_hash ", "alertmanager_config_hash 1"),
    ),
    Case(
        "configuration",
        FAILED,
        "refuses its configuration",
        metrics_of("alertmanager", "reload_successful 1", "reload_successful 0"),
    ),
    Case("configuration", UNKNOWN, "2 of 3 replicas", silent(ALERTMANAGER[2])),
    Case("configuration", UNKNOWN, "forbidden", unread("alertmanager_files")),
    Case(
        "notifications",
        FAILED,
        "1 failed",
        both(sample("undelivered", 1, **CRITICAL), sample("undelivered_now", 1, **CRITICAL)),
    ),
    Case("notifications", WARNING, "1 failed", sample("undelivered", 1, **CRITICAL)),
    Case("notifications", WARNING, "1 channels without a message: critical by pagerduty", never_notified),
    Case("notifications", UNKNOWN, "no metrics per receiver", no_metrics_per_receiver),
    Case("notifications", UNKNOWN, "forbidden", failing_query("undelivered_now")),
    Case("dead man's switch", FAILED, "the Watchdog does not fire", no_result("heartbeat")),
    Case("dead man's switch", FAILED, "0 delivered in 15 min", sample("heartbeats", 0)),
    Case("dead man's switch", UNKNOWN, "forbidden", failing_query("heartbeats")),
    Case("silences", WARNING, "alertname=NodeDown for 8 more days, by someone: known", silence(8)),
    Case("silences", UNKNOWN, "forbidden", silent(*ALERTMANAGER)),
    # --- rules
    Case("accepted", FAILED, "9 of 10 rule files as planned", lambda stack: stack.objects["rule_files"].popitem()),
    Case("accepted", UNKNOWN, "forbidden", unread("rule_files")),
    Case("loaded", FAILED, "has not loaded the planned rules", first_rule(query="vector(1)")),
    Case("loaded", FAILED, "refuses its", metrics_of("prometheus", "reload_successful 1", "reload_successful 0")),
    Case(
        "loaded",
        FAILED,
        "planned configuration (",
        lambda stack: stack.objects.update(prometheus_configuration="scrape_configs: [{job_name: other}]"),
    ),
    Case("loaded", UNKNOWN, "1 of 2 replicas", silent(PROMETHEUS[0])),
    Case("loaded", UNKNOWN, "forbidden", unread("prometheus_configuration")),
    Case("evaluated", FAILED, "1 of 610 fail; ", first_rule(health="err", lastError="x")),
    Case("evaluated", WARNING, "1 of 611 fail; X: why", their_failing_rule),
    Case("evaluated", UNKNOWN, "not evaluated yet", first_group(lastEvaluation="0001-01-01T00:00:00Z")),
    Case("evaluated", UNKNOWN, "forbidden", silent(*PROMETHEUS)),
    Case("speed", FAILED, "31.00 s of 30 s (103% of its interval)", first_group(evaluationTime=31.0)),
    Case("speed", WARNING, "(60% of its interval)", first_group(evaluationTime=18.0)),
    Case("speed", UNKNOWN, "no rule group", no_groups),
    # --- service monitors
    Case("picked up", FAILED, "prometheus/1 is not in Prometheus's", lambda stack: monitor(stack, "monitoring")),
    Case("picked up", FAILED, "serviceMonitor/monitoring/prometheus/0 has no target", remove_targets("prometheus")),
    Case("picked up", WARNING, "podMonitor/search/theirs/1 is not in", lambda stack: monitor(stack, "search")),
    Case("picked up", WARNING, "podMonitor/search/theirs/0 has no target", remove_targets("theirs")),
    Case("picked up", UNKNOWN, "forbidden", unread("monitors")),
    Case("rejected", FAILED, "ServiceMonitor monitoring/x: invalid relabeling", rejection("monitoring")),
    Case("rejected", WARNING, "ServiceMonitor search/x: invalid relabeling", rejection("search")),
    Case("rejected", UNKNOWN, "forbidden", unread("rejections")),
    # --- storage
    Case("claims", FAILED, "5 of 6 bound; grafana missing", lambda stack: stack.objects["claims"].pop()),
    Case("claims", FAILED, "Pending", lambda stack: stack.objects["claims"][0]["status"].update(phase="Pending")),
    Case("claims", UNKNOWN, "forbidden", unread("claims")),
    Case("free space", FAILED, "2% of 50.0 GiB free", sample("volume_available", GIBIBYTE, **PVC)),
    Case(
        "free space",
        WARNING,
        "16% of 50.0 GiB free, full in 48 hours",
        both(sample("volume_available", 8 * GIBIBYTE, **PVC), sample("volume_growth", 4 * GIBIBYTE / 86400, **PVC)),
    ),
    Case("free space", UNKNOWN, "no metrics of the kubelet", no_result("volume_available")),
    Case("free space", UNKNOWN, "its pod is simulated", simulated_node),
    Case("remote write", FAILED, "7 samples lost", sample("remote_write_lost", 7, **RECEIVER)),
    Case("remote write", WARNING, "900 s behind", sample("remote_write_delay", 900, **RECEIVER)),
    Case("remote write", UNKNOWN, "no metrics of it", no_result("remote_write_delay")),
    # --- network connectivity
    Case("prometheus to alertmanager", FAILED, "0 of 3 Alert", discovered(0)),
    Case("prometheus to alertmanager", WARNING, "2 of 3 Alert", discovered(2)),
    Case("prometheus to alertmanager", WARNING, "5 errors", sample("alerts_undelivered", 5)),
    Case("prometheus to alertmanager", UNKNOWN, "forbidden", failing_query("alerts_undelivered")),
    Case(
        "prometheus to operator",
        FAILED,
        "not scraped: timeout",
        targets_of("prometheus-operator", health="down", lastError="timeout"),
    ),
    Case("prometheus to operator", FAILED, "no target", remove_targets("prometheus-operator")),
    Case("prometheus to operator", UNKNOWN, "forbidden", silent(*PROMETHEUS)),
    Case("grafana to prometheus", FAILED, "502", grafana(sources={"prometheus": "status 502", "alertmanager": ""})),
    Case("grafana to prometheus", UNKNOWN, "forbidden", grafana(sources={"prometheus": REFUSED, "alertmanager": ""})),
    Case("grafana to alertmanager", FAILED, "502", grafana(sources={"prometheus": "", "alertmanager": "status 502"})),
    Case("grafana to alertmanager", UNKNOWN, "forbidden", silent("grafana-0")),
    Case("certificates", FAILED, "valid for 3.0 more days", sample("certificates", 3, **ENDPOINT)),
    Case("certificates", WARNING, "valid for 14.0 more days", sample("certificates", 14, **ENDPOINT)),
    Case("certificates", UNKNOWN, "its probe reports no certificate", no_result("certificates")),
    Case("client certificates", WARNING, "12 requests", sample("client_certificates", 12)),
    Case("client certificates", UNKNOWN, "the API server is not scraped", no_result("api_server")),
    # --- resource use
    Case(
        "series",
        WARNING,
        "2,000,000 of 1,500,000 (133%)",
        metrics_of("prometheus", "head_series 150000", "head_series 2000000"),
    ),
    Case("series", UNKNOWN, "forbidden", silent(*PROMETHEUS)),
    Case(
        "memory",
        FAILED,
        "99% of the limit: 1014 of 1024 MiB in grafana-0",
        lambda stack: add_memory(stack, "grafana-0", "grafana", 0.99),
    ),
    Case("memory", WARNING, "92% of the limit", lambda stack: add_memory(stack, "grafana-0", "grafana", 0.92)),
    Case("memory", UNKNOWN, "nothing was found to check", lambda stack: stack.objects["pods"].clear()),
    Case("memory", UNKNOWN, "memory of 1 of 1 containers is not known", no_result("memory")),
)
# Checks without a state in which someone must act at night.
NEVER_FAILED: Final = {"silences", "client certificates", "series", "answers"}
