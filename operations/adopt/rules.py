"""Rules of the previous stack and of its users."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from catalogue.model import AREAS
from common.words import counted
from operations.adopt.alerts import UserAlert, chart_alerts, evaluated_rules, is_of_release, label_command
from operations.adopt.model import Finding, Outcome, PreviousStack, some
from operations.health.plan import HealthPlan
from preflight.cluster_state import KubernetesObject, qualified
from verification.model import ClusterPlan

_TEAM_GUIDE: Final = "docs/guides/team-monitors.md"


def rules(previous: PreviousStack, plan: HealthPlan, alerts: Sequence[UserAlert]) -> Iterator[Finding]:
    """Yield the alerts of the chart, and each rule of users with who notifies for it."""
    theirs = chart_alerts(previous)
    own = plan.cluster.alert_names
    if theirs:
        same = len(own & set(theirs))
        yield Finding(
            section="rules",
            outcome=Outcome.CHANGES,
            text=f"{counted(len(theirs), 'alert')} of the chart are replaced by {len(own)} of the catalogue "
            f"({same} of the same name, in {len(AREAS)} areas)",
            action="read the list (JSON=1); copy a rule that you miss into a PrometheusRule of your own",
            names=theirs,
        )
    rules = {qualified(item): item for item in evaluated_rules(previous)}
    for name in dict.fromkeys(alert.rule for alert in alerts):
        of_rule = [alert for alert in alerts if alert.rule == name]
        yield _rule_finding(rules[name], of_rule, plan.cluster, previous)


def _rule_finding(
    item: KubernetesObject, alerts: Sequence[UserAlert], plan: ClusterPlan, previous: PreviousStack
) -> Finding:
    names = [alert.name for alert in alerts]
    text = f"PrometheusRule {qualified(item)}: {some(names)}"
    if is_of_release(item, previous):
        return Finding(
            section="rules",
            outcome=Outcome.CHANGES,
            text=f"{text}: in the values of the release, so it ends with it; the previous stack pages until then",
            action="move it into a PrometheusRule of your own",
            names=names,
        )
    if not alerts[0].is_selected:
        return Finding(
            section="rules",
            outcome=Outcome.CHANGES,
            text=f"{text}: not selected by this stack; the previous stack pages for it",
            action=label_command("prometheusrule", item, plan),
            names=names,
        )
    addresses = ", ".join(sorted({each for alert in alerts for each in alert.addresses})) or "no one"
    uncovered = [alert.name for alert in alerts if not alert.is_covered]
    if uncovered:
        return Finding(
            section="rules",
            outcome=Outcome.CHANGES,
            text=f"{text}: a warning to {addresses} here; the previous stack still pages {some(uncovered)}",
            action=f"add an AlertmanagerConfig for namespace {item['metadata']['namespace']}: {_TEAM_GUIDE}#own-routes",
            names=names,
        )
    return Finding(section="rules", outcome=Outcome.KEPT, text=f"{text}: sent to {addresses}", names=names)
