"""Checks of the components: available, in the planned version."""

from collections.abc import Iterator, Mapping
from typing import Any

from operations.health.model import Answers, Result, UnknownError, failed, ok, unknown
from operations.health.plan import Component, HealthPlan
from operations.health.reading import Reading
from operations.health.workloads import pods_of, workloads_of
from verification import operator


def availability(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether each component is available in the planned version."""
    for component in plan.components:
        simulated = [pod for pod in pods_of(component, reading) if reading.is_simulated(pod)]
        yield _availability(plan, component, workloads_of(component, reading), simulated)


def reconciled(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether the operator runs the current state of each of its instances."""
    stateful_sets = [each for each in reading.object("workloads") if each["kind"] == "statefulsets"]
    for instance in (plan.cluster.prometheus, plan.cluster.alertmanager):
        found = reading.object("instances")[instance.kind]
        deviations = operator.instance_deviations(instance, plan.namespace, found, stateful_sets)
        if deviations:
            action = "correct what the message names: docs/operations/troubleshooting.md#verification-after-up"
            yield failed("; ".join(each.text for each in deviations), action, instance.name)
        else:
            yield ok(f"{instance.pods} of {instance.pods} pods in the current state", instance.name)


def answers(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether every pod of the components that the other checks ask answers."""
    asked: list[tuple[Answers[Any], int]] = [
        (reading.prometheus, plan.cluster.prometheus.pods),
        (reading.alertmanager, plan.cluster.alertmanager.pods),
        *([(reading.grafana, 1)] if plan.grafana_account else []),
    ]
    for component, wanted in asked:
        count = f"{len(component.by_pod)} of {wanted} pods answer"
        if len(component.by_pod) >= wanted:
            yield ok(count, component.title)
            continue
        pod, error = next(
            iter(component.missing.items()), ("", UnknownError("no such pod", f"{plan.kubectl} get pods"))
        )
        reason = f"{count}; {pod}: {error.reason}" if pod and not error.simulated else f"{count}; {error.reason}"
        yield unknown(UnknownError(reason, error.action, simulated=error.simulated), component.title)


def _availability(
    plan: HealthPlan, component: Component, workloads: list[Mapping[str, Any]], simulated: list[Mapping[str, Any]]
) -> Result:
    name = component.name
    if not workloads:
        return failed("not deployed", f"deploy it: make up STACK={plan.stack}", name)
    # At least one, also if someone has scaled it to zero.
    wanted = component.instance.pods if component.instance else max(1, sum(_replicas(each)[1] for each in workloads))
    available = sum(_replicas(each)[0] for each in workloads)
    images = [image for each in workloads for image in _images(each)]
    known = [f"{_repository(image)} {_tag(image)}" for image in images if _repository(image) in plan.versions]
    versions = ", ".join(dict.fromkeys(known))
    wrong = [image for image in images if _tag(image) != plan.versions.get(_repository(image), _tag(image))]
    value = f"{available} of {wanted} available: {versions}"
    if wrong:
        planned = plan.versions[_repository(wrong[0])]
        return failed(
            f"{value}; {_repository(wrong[0])} {_tag(wrong[0])} instead of {planned}",
            plan.redeploy,
            name,
        )
    if available < wanted:
        action = f"see why its pods do not run: {plan.kubectl} get pods, then {plan.kubectl} describe pod <pod>"
        return failed(value, action, name)
    if simulated:
        reason = f"{value}, but its pods are simulated"
        return unknown(UnknownError(reason, "none: only a real node runs it", simulated=True), name)
    if not versions:
        reason = f"{value}none of its images is known: {', '.join(images)}"
        return unknown(UnknownError(reason, "compare its images by hand with manifests/charts.py"), name)
    return ok(value, name)


def _replicas(workload: Mapping[str, Any]) -> tuple[int, int]:
    """Return the number of available pods of the current template, and the wanted number."""
    status = workload.get("status", {})
    if workload["kind"] == "daemonsets":
        available = min(status.get("numberAvailable", 0), status.get("updatedNumberScheduled", 0))
        return available, status.get("desiredNumberScheduled", 0)
    available = min(status.get("availableReplicas", 0), status.get("updatedReplicas", 0))
    return available, workload["spec"].get("replicas", 1)


def _images(workload: Mapping[str, Any]) -> list[str]:
    return [container["image"] for container in workload["spec"]["template"]["spec"]["containers"]]


def _repository(image: str) -> str:
    """Return the last part of an image's repository, which is the same in a mirror."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def _tag(image: str) -> str:
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]
