"""Kinds of changed settings of stack `local`, each with the objects that it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from common.project import PROJECT

LOCAL: Final = yaml.safe_load((PROJECT / "Pulumi.local.yaml").read_text())["config"]


@dataclass(frozen=True)
class Change:
    """Changed sections of the settings.

    Attributes:
        group: Changes of a group are previewed together: they have no section and no object in common.
        sections: The changed sections.
        steps: Operation and logical name of every resource that they change.
    """

    group: int
    sections: Mapping[str, Any]
    steps: frozenset[tuple[str, str]]


def local(section: str, **changes: object) -> dict[str, Any]:
    """Return a section of the settings of stack `local` with changed keys."""
    return {section: LOCAL.get(f"monitoring:{section}", {}) | changes}


def claims(kind: str, *ordinals: int) -> list[str]:
    return [f"{kind}-{kind}-db-{kind}-{kind}-{ordinal}" for ordinal in ordinals]


SLACK: Final = local("notifications", slack={"warningChannel": "#elsewhere"})
PROBE: Final = [{"name": "example", "url": "http://127.0.0.1:9/health", "service": "example"}]
PANEL: Final = {"bais-infrastructure": {"panels": {"node-load": {"enabled": False}}}}


def change(group: int, sections: Mapping[str, Any], *updated: str, created: Sequence[str] = ()) -> Change:
    steps = [*(("update", name) for name in updated), *(("create", name) for name in created)]
    return Change(group, sections, frozenset(steps))


CHANGES: Final = {
    "threshold": change(
        0,
        local("alerts", tunables={"target_down_ratio": 0.25}),
        *("availability", "runbooks-availability", "dashboard-bais-infrastructure"),
    ),
    "threshold on two boards": change(
        1,
        local("alerts", tunables={"api_error_ratio": 0.02}),
        *("api", "runbooks-api", "dashboard-bais-api", "dashboard-bais-production"),
    ),
    "route": change(0, SLACK, "alertmanager", "alertmanager-configuration"),
    "retention": change(0, local("prometheus", retention="3d"), "prometheus-instance"),
    "replica": change(0, local("alertmanager", replicas=4), "alertmanager-instance", created=claims("alertmanager", 3)),
    "size": change(1, local("prometheus", storage={"size": "3Gi"}), "prometheus-instance", *claims("prometheus", 0, 1)),
    "panel": change(1, local("dashboards", boards=PANEL), "dashboard-bais-infrastructure"),
    "probe URL": change(1, local("probes", http=PROBE), "availability", "probe-example"),
    "resources": change(
        0, local("kubeStateMetrics", resources={"limits": {"memory": "1Gi"}}), "kube-state-metrics-release"
    ),
}
