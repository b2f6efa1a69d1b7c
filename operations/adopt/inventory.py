"""What is kept of the previous stack and what changes, by section of the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from common.words import counted
from manifests.cluster_objects import CRD_GROUP
from operations.adopt.alerts import user_alerts
from operations.adopt.dashboards import grafana
from operations.adopt.instances import alertmanagers, prometheuses
from operations.adopt.model import Finding, Outcome, PreviousStack
from operations.adopt.monitors import monitors
from operations.adopt.notifications import receivers, routes
from operations.adopt.rules import rules
from operations.health.plan import HealthPlan
from preflight.ownership import describe_owner, helm_release
from settings.stack import StackSettings

_KEEP: Final = "helm.sh/resource-policy"
_SECTIONS: Final = (
    "prometheus",
    "alertmanager",
    "receivers",
    "routes",
    "rules",
    "monitors",
    "dashboards",
    "data sources",
    "definitions",
    "not checked",
)


def findings(previous: PreviousStack, plan: HealthPlan, settings: StackSettings) -> list[Finding]:
    """Return what is kept and what changes, in the order of the report."""
    alerts = user_alerts(previous, plan.cluster)
    return [
        *prometheuses(previous, settings),
        *alertmanagers(previous),
        *receivers(previous, plan.cluster),
        *routes(previous, plan.cluster),
        *rules(previous, plan, alerts),
        *monitors(previous, plan, settings),
        *grafana(previous, plan),
        *_definitions(previous),
        *_unread(previous),
    ]


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """Return findings in the order of the sections in the report."""
    return sorted(found, key=lambda finding: _SECTIONS.index(finding.section))


def _definitions(previous: PreviousStack) -> Iterator[Finding]:
    listed = previous.objects.get("customresourcedefinitions", ())
    definitions = [each for each in listed if each["metadata"]["name"].endswith(f".{CRD_GROUP}")]
    owned = [each for each in definitions if helm_release(each) is not None]
    lost = [each for each in owned if (each["metadata"].get("annotations") or {}).get(_KEEP) != "keep"]
    if lost:
        owners = ", ".join(sorted({describe_owner(each) for each in lost}))
        yield Finding(
            section="definitions",
            outcome=Outcome.CHANGES,
            text=f"{counted(len(lost), 'CRD')} of {owners}: `helm uninstall` of it deletes them and every Prometheus",
            action="never uninstall it; or first upgrade it so that its CRDs have helm.sh/resource-policy: keep",
            names=[each["metadata"]["name"] for each in lost],
        )
    elif definitions:
        yield Finding(
            section="definitions",
            outcome=Outcome.KEPT,
            text=f"{counted(len(definitions), 'CRD')}: no release deletes them",
            action="leave operator.crds: existing, also after the release is removed",
        )


def _unread(previous: PreviousStack) -> Iterator[Finding]:
    for plural, reason in previous.unread.items():
        yield Finding(section="not checked", outcome=Outcome.UNKNOWN, text=f"{plural}: {reason}")
