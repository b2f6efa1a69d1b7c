"""Checks of availability: replicas, their spread over nodes, and disruption budgets."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from common.problems import Problem
from policy.environments import is_production
from policy.model import OPERATOR, Resource, problem
from policy.properties import at, items, mapping

_NAMES: Final = {f"{OPERATOR}:Prometheus": "prometheus", f"{OPERATOR}:Alertmanager": "alertmanager"}
_FEWEST: Final = {f"{OPERATOR}:Prometheus": 2, f"{OPERATOR}:Alertmanager": 3}
_BUDGET: Final = "policy:PodDisruptionBudget"


def has_enough_replicas(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require two Prometheus and three Alertmanager replicas in production."""
    fewest, found = _FEWEST.get(resource.kind), _replicas(resource)
    if fewest and is_production(environment) and found < fewest:
        yield problem("spec.replicas", f"{found:g}", f"{fewest} or more in environment {environment}")


def spreads_replicas(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require that replicas are spread over nodes."""
    if resource.kind not in _NAMES or _replicas(resource) < 2:
        return
    constraints = items(at(resource.properties, "spec.topologySpreadConstraints"))
    if not constraints and not at(resource.properties, "spec.affinity.podAntiAffinity"):
        yield problem("spec.topologySpreadConstraints", None, "topologySpreadConstraints or affinity.podAntiAffinity")


def has_disruption_budget(resources: Sequence[Resource]) -> Iterator[tuple[Resource, Problem]]:
    """Require a disruption budget per component with replicas that allows some evictions but not all."""
    budgets = [resource for resource in resources if resource.kind == _BUDGET]
    for resource in resources:
        if resource.kind not in _NAMES or _replicas(resource) < 2:
            continue
        pod_labels = {
            "app.kubernetes.io/name": _NAMES[resource.kind],
            "app.kubernetes.io/instance": at(resource.properties, "metadata.name"),
        }
        matching = [budget for budget in budgets if _selects(budget, resource, pod_labels)]
        if not matching:
            yield resource, problem("PodDisruptionBudget", "none that selects its pods", f"one for {pod_labels}")
        for budget in matching:
            if extreme := _extreme(mapping(budget.properties.get("spec")), _replicas(resource)):
                yield budget, extreme


def _replicas(resource: Resource) -> float:
    # The operator's default is one.
    found = at(resource.properties, "spec.replicas")
    return found if isinstance(found, int | float) else 1


def _selects(budget: Resource, resource: Resource, pods: Mapping[str, Any]) -> bool:
    namespaces = {at(each.properties, "metadata.namespace") for each in (budget, resource)}
    labels = mapping(at(budget.properties, "spec.selector.matchLabels"))
    return len(namespaces) == 1 and bool(labels) and all(pods.get(key) == labels[key] for key in labels)


def _extreme(budget: Mapping[str, Any], replicas: float) -> Problem | None:
    least, most = budget.get("minAvailable"), budget.get("maxUnavailable")
    if most in (0, "0%") or least == "100%" or (isinstance(least, int | float) and least >= replicas):
        return problem("spec", "no pod may be evicted", "at least one evictable pod; otherwise no node can be drained")
    if most == "100%" or (isinstance(most, int | float) and most >= replicas) or least in (0, "0%"):
        return problem("spec", "all pods may be evicted at once", "fewer than all pods")
    return None
