"""Checks of collection: the targets of each scrape job."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from operations.health.model import Result, UnknownError, failed, ok, unknown, warning
from operations.health.plan import HealthPlan
from operations.health.reading import Reading

# Labels of service discovery with the name of the node on which a target runs.
_NODE_LABELS: Final = (
    "__meta_kubernetes_pod_node_name",
    "__meta_kubernetes_endpointslice_endpoint_node_name",
    "__meta_kubernetes_endpointslice_address_target_name",
)
_RANK: Final = {"up": 0, "unknown": 1, "down": 2}


def targets(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield how many targets of each job are up, in the replica of Prometheus that sees it worst."""
    simulated = reading.object("simulated_nodes")
    worst: dict[tuple[str, str], Mapping[str, Any]] = {}
    for answer in reading.prometheus.all():
        for target in answer.targets:
            key = (target["scrapePool"], target["scrapeUrl"])
            if key not in worst or _RANK[target["health"]] > _RANK[worst[key]["health"]]:
                worst[key] = target
    jobs: dict[tuple[str, bool], list[Mapping[str, Any]]] = {}
    for target in worst.values():
        jobs.setdefault((target["labels"]["job"], _is_own(plan, target)), []).append(target)
    for job in sorted(plan.jobs - {job for job, own in jobs if own or job in plan.jobs}):
        action = f"see the group service monitors; {plan.kubectl} get servicemonitors,podmonitors,probes"
        yield failed("0 targets", action, job)
    for (job, own), found in sorted(jobs.items()):
        yield _job(plan, job if own else f"{job} of another team", found, simulated, own=own)


def _job(
    plan: HealthPlan, job: str, found: Iterable[Mapping[str, Any]], simulated: Iterable[str], *, own: bool
) -> Result:
    real = [target for target in found if not _nodes(target) & set(simulated)]
    if not real:
        return unknown(
            UnknownError("targets are simulated", "none: only a real node can be scraped", simulated=True), job
        )
    down = [target for target in real if target["health"] == "down"]
    waiting = [target for target in real if target["health"] == "unknown"]
    value = f"{len(real) - len(down) - len(waiting)} of {len(real)} up"
    if down:
        value += f"; {down[0]['labels'].get('instance', '')}: {down[0].get('lastError') or 'no error'}"
        if not own:
            return warning(value, "send it to the team that owns the namespace of the monitor", job)
        return failed(value, f"check its pods: {plan.kubectl} get pods; if they run, network policies and ports", job)
    if waiting:
        return unknown(UnknownError(f"{value}; {len(waiting)} not scraped yet", "repeat in a minute"), job)
    return ok(value, job)


def _is_own(plan: HealthPlan, target: Mapping[str, Any]) -> bool:
    """Return whether a target is from a monitor in a namespace of the stack: `<kind>/<namespace>/<name>/<number>`."""
    return target["scrapePool"].split("/")[1] in plan.namespaces if "/" in target["scrapePool"] else True


def _nodes(target: Mapping[str, Any]) -> set[str]:
    discovered = target.get("discoveredLabels", {})
    return {discovered[label] for label in _NODE_LABELS if label in discovered}
