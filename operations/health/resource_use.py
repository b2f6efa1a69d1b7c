"""Checks of resource use: series of Prometheus, memory of each component against its limit."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from common.quantities import parse_quantity
from operations.health.model import Result, UnknownError, failed, ok, unknown, warning
from operations.health.plan import HealthPlan
from operations.health.reading import Reading
from operations.health.workloads import pods_of
from verification.alertmanager import metric_value

_MEBIBYTE: Final = 1024**2
# At this share of its limit, a container is killed by the next peak.
_CRITICAL: Final = 0.97


def series(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield the number of series in the largest replica of Prometheus, against the limit of its alert."""
    limit = plan.limits["prometheus_series_count"]
    counts = [metric_value(answer.metrics, "prometheus_tsdb_head_series") for answer in reading.prometheus.all()]
    known = [count for count in counts if count is not None]
    if not known:
        raise UnknownError("Prometheus does not report its number of series", "read the log of Prometheus")
    value = f"{max(known):,.0f} of {limit:,.0f} ({max(known) / limit:.0%})"
    if max(known) > limit:
        yield warning(value, plan.runbook("PrometheusHighSeriesCount"))
    else:
        yield ok(value)


def memory(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield the container of each component that is closest to its memory limit."""
    usage: dict[tuple[str, str, str], float] = {}
    for sample in reading.samples("memory"):
        key = (sample.labels["namespace"], sample.labels["pod"], sample.labels["container"])
        usage[key] = max(sample.value, usage.get(key, 0))
    for component in plan.components:
        pods = [pod for pod in pods_of(component, reading) if not reading.is_simulated(pod)]
        running = [pod for pod in pods if pod.get("status", {}).get("phase") == "Running"]
        shares = [share for pod in running for share in _shares(pod, usage)]
        if shares:
            yield _memory(component.name, [share for share in shares if share], len(shares), plan)


def _memory(component: str, shares: list[tuple[float, str]], containers: int, plan: HealthPlan) -> Result:
    if len(shares) < containers:
        reason = f"memory of {containers - len(shares)} of {containers} containers is not known"
        action = "operator.clusterTargets.kubelet must be true, and the job kubelet up; a new pod needs a minute"
        return unknown(UnknownError(reason, action), component)
    share, value = max(shares)
    if share >= _CRITICAL:
        return failed(value, plan.runbook("KubeContainerMemoryNearLimit"), component)
    if share > plan.limits["container_memory_ratio"]:
        return warning(value, plan.runbook("KubeContainerMemoryNearLimit"), component)
    return ok(value, component)


def _shares(pod: Mapping[str, Any], usage: Mapping[tuple[str, str, str], float]) -> Iterator[tuple[float, str] | None]:
    """Yield share and description of each container with a limit; None for one whose usage is unknown."""
    metadata = pod["metadata"]
    for container in pod["spec"]["containers"]:
        text = container.get("resources", {}).get("limits", {}).get("memory")
        if text is None:
            continue
        limit = float(parse_quantity(text))
        used = usage.get((metadata["namespace"], metadata["name"], container["name"]))
        if used is None:
            yield None
        else:
            amounts = f"{used / _MEBIBYTE:.0f} of {limit / _MEBIBYTE:.0f} MiB"
            yield used / limit, f"{used / limit:.0%} of the limit: {amounts} in {metadata['name']} {container['name']}"
