"""Alerts of the previous stack: those of its chart, and those of its users, with who gets them after the hand-over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from operations.adopt.model import PreviousStack
from operations.adopt.selection import is_selected
from operations.team_objects.notified import notified, with_team_routes
from operations.team_objects.objects import TeamObject
from preflight.cluster_state import KubernetesObject, qualified
from preflight.ownership import helm_release
from verification.model import ClusterPlan

RULES: Final = "prometheusrules"
ROUTES: Final = "alertmanagerconfigs"
# This severity wakes someone, which only alerts of the catalogue and routes of teams do.
_PAGING: Final = "critical"
# The heartbeat of the previous stack; a service outside may wait for it.
HEARTBEAT: Final = "Watchdog"


@dataclass(frozen=True, kw_only=True)
class UserAlert:
    """An alert that the previous stack evaluates, and that is not from its chart.

    Attributes:
        name: Name.
        rule: Namespace and name of its PrometheusRule.
        severity: Severity; empty without the label.
        is_selected: Whether Prometheus of this stack selects its PrometheusRule.
        addresses: Where this stack sends it; empty if it is not selected.
        is_routed: Whether a team's own route sends it.
    """

    name: str
    rule: str
    severity: str
    is_selected: bool
    addresses: tuple[str, ...]
    is_routed: bool

    @property
    def is_covered(self) -> bool:
        """Return whether this stack notifies as urgently, so that the previous one may be muted."""
        return self.is_selected and bool(self.addresses) and (self.severity != _PAGING or self.is_routed)


def is_of_release(item: KubernetesObject, previous: PreviousStack) -> bool:
    """Return whether an object is a part of the previous stack's release.

    Not by the label `release`: users set it, so that the previous Prometheus selects their objects.
    """
    if release := helm_release(item):
        return release == (previous.namespace, previous.release)
    chart = (item["metadata"].get("labels") or {}).get("chart", "")
    return bool(chart) and chart == previous.chart and item["metadata"]["namespace"] == previous.namespace


def evaluated_rules(previous: PreviousStack) -> list[KubernetesObject]:
    """Return the PrometheusRules that the previous Prometheus selects."""
    namespaces = namespace_labels(previous)
    return [
        item
        for item in previous.objects.get(RULES, ())
        if any(is_selected(item, RULES, each, namespaces) for each in previous.prometheuses)
    ]


def chart_alerts(previous: PreviousStack) -> list[str]:
    """Return the names of the alerts that the chart of the previous stack brings."""
    return sorted(
        {
            str(rule["alert"])
            for item in evaluated_rules(previous)
            if is_of_release(item, previous)
            for rule in _alerts(item)
            if _is_of_chart(rule)
        }
    )


def user_alerts(previous: PreviousStack, plan: ClusterPlan) -> list[UserAlert]:
    """Return the alerts of users that the previous stack evaluates."""
    routes = [TeamObject("", item) for item in selected_routes(previous, plan)]
    configuration = with_team_routes(plan.configuration, routes)
    return [
        alert
        for item in evaluated_rules(previous)
        for alert in _user_alerts(item, plan, configuration, is_chart=is_of_release(item, previous))
    ]


def selected_routes(previous: PreviousStack, plan: ClusterPlan) -> list[KubernetesObject]:
    """Return the AlertmanagerConfigs that Alertmanager of this stack selects, in namespaces that its operator reads."""
    return [
        item
        for item in previous.objects.get(ROUTES, ())
        if has_stack_label(item, plan)
        and (plan.route_namespaces is None or item["metadata"]["namespace"] in plan.route_namespaces)
    ]


def has_stack_label(item: KubernetesObject, plan: ClusterPlan) -> bool:
    """Return whether an object has the label with which this stack selects."""
    return plan.selector.items() <= (item["metadata"].get("labels") or {}).items()


def label_command(kind: str, item: KubernetesObject, plan: ClusterPlan) -> str:
    """Return the command that makes this stack select an object."""
    label = " ".join(f"{key}={value}" for key, value in plan.selector.items())
    return f"kubectl -n {item['metadata']['namespace']} label {kind} {item['metadata']['name']} {label}"


def namespace_labels(previous: PreviousStack) -> dict[str, Mapping[str, str]]:
    """Return the labels of each namespace."""
    return {
        each["metadata"]["name"]: each["metadata"].get("labels") or {}
        for each in previous.objects.get("namespaces", ())
    }


def _user_alerts(
    item: KubernetesObject, plan: ClusterPlan, configuration: Mapping[str, Any], *, is_chart: bool
) -> Iterator[UserAlert]:
    rules = [rule for rule in _alerts(item) if not (is_chart and _is_of_chart(rule))]
    wanted = {str(rule["alert"]) for rule in rules}
    selected = has_stack_label(item, plan)
    own = dict(plan.configuration)
    given = TeamObject("", {**item, "kind": "PrometheusRule"})
    with_teams, without = (list(notified(each, given)) for each in (configuration, own))
    for (name, severity, addresses), (_, _, stack_addresses) in zip(with_teams, without, strict=True):
        if name in wanted:
            yield UserAlert(
                name=name,
                rule=qualified(item),
                severity=severity,
                is_selected=selected,
                addresses=addresses if selected else (),
                is_routed=bool(set(addresses) - set(stack_addresses)),
            )


def _alerts(item: KubernetesObject) -> Iterator[Mapping[str, Any]]:
    groups: Sequence[Mapping[str, Any]] = (item.get("spec") or {}).get("groups") or ()
    for group in groups:
        yield from (rule for rule in group.get("rules") or () if "alert" in rule)


def _is_of_chart(rule: Mapping[str, Any]) -> bool:
    """Return whether the chart brings an alert, which its values may extend with others: by its runbook's address."""
    address = str((rule.get("annotations") or {}).get("runbook_url", ""))
    return address.endswith(f"/{str(rule['alert']).lower()}")
