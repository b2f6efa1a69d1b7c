"""Checks of storage: volume claims, free space and growth, remote write."""

from collections.abc import Iterator
from typing import Final

from operations.health.model import Result, UnknownError, failed, ok, unknown, warning
from operations.health.plan import HealthPlan
from operations.health.reading import Reading

_GIBIBYTE: Final = 1024**3
_DAY: Final = 86400
# Days below which hours are shown, and from which a prediction means nothing.
_HOURS_BELOW: Final = 3
_YEARS_FROM: Final = 730


def claims(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether every planned claim is bound."""
    phases = {each["metadata"]["name"]: each.get("status", {}).get("phase") for each in reading.object("claims")}
    unbound = [f"{name} {phases.get(name, 'missing')}" for name in plan.claims if phases.get(name) != "Bound"]
    count = f"{len(plan.claims) - len(unbound)} of {len(plan.claims)} bound"
    if unbound:
        action = f"{plan.kubectl} get pvc; {plan.runbook('KubeVolumeClaimPending')}"
        yield failed(f"{count}; {', '.join(unbound)}", action)
    else:
        yield ok(count)


def space(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield the free space of each claim, and the days until it is full."""
    simulated = _claims_of_simulated_pods(reading)
    for claim in plan.claims:
        if claim in simulated:
            error = UnknownError("its pod is simulated", "none: only a real node stores anything", simulated=True)
            yield unknown(error, claim)
            continue
        yield _space(plan, reading, claim)


def remote_write(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield how far each remote write receiver is behind."""
    if not plan.remote_writes:
        yield ok("none planned")
        return
    delays = reading.highest("remote_write_delay", "remote_name")
    lost = reading.highest("remote_write_lost", "remote_name")
    limit = plan.limits["remote_write_delay_seconds"]
    for name in plan.remote_writes:
        if name not in delays:
            reason = UnknownError("no metrics of it", plan.redeploy)
            yield unknown(reason, name)
            continue
        value = f"{delays[name]:.0f} s behind, {lost.get(name, 0):.0f} samples lost in 15 min"
        if lost.get(name, 0) > 0:
            yield failed(value, plan.runbook("PrometheusRemoteWriteFailing"), name)
        elif delays[name] > limit:
            yield warning(value, plan.runbook("PrometheusRemoteWriteBehind"), name)
        else:
            yield ok(value, name)


def _space(plan: HealthPlan, reading: Reading, claim: str) -> Result:
    label = "persistentvolumeclaim"
    available, capacity, growth = (
        reading.highest(query, label).get(claim) for query in ("volume_available", "volume_capacity", "volume_growth")
    )
    if available is None or not capacity:
        reason = "no metrics of the kubelet about it"
        return unknown(
            UnknownError(
                reason,
                "check that its pod runs and the job kubelet is up; operator.clusterTargets.kubelet must be true",
            ),
            claim,
        )
    free = available / capacity
    days = available / growth / _DAY if growth and growth > 0 else None
    until = "growth not known in the first hour" if growth is None else _until(days)
    value = f"{free:.0%} of {capacity / _GIBIBYTE:.1f} GiB free, {until}"
    if free < plan.limits["volume_critical_ratio"]:
        return failed(value, plan.runbook("KubeVolumeFull"), claim)
    is_filling = days is not None and days < plan.limits["volume_prediction_days"]
    if is_filling and free < plan.limits["volume_warning_ratio"]:
        return warning(value, plan.runbook("KubeVolumeFillsSoon"), claim)
    return ok(value, claim)


def _until(days: float | None) -> str:
    if days is None:
        return "not growing"
    if days < _HOURS_BELOW:
        return f"full in {days * 24:.0f} hours at this rate"
    return f"full in {days:.0f} days at this rate" if days < _YEARS_FROM else "full in years"


def _claims_of_simulated_pods(reading: Reading) -> set[str]:
    return {
        volume["persistentVolumeClaim"]["claimName"]
        for pod in reading.object("pods")
        if reading.is_simulated(pod)
        for volume in pod["spec"].get("volumes", ())
        if "persistentVolumeClaim" in volume
    }
