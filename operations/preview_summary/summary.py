"""What a preview changes, by subject: alerts, notifications, settings, dashboards and other resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from operations.preview_summary.alerts import AlertChange, Rule, alert_changes, alerts, recording_changes
from operations.preview_summary.boards import BoardChange, board_changes, is_board
from operations.preview_summary.differences import Difference
from operations.preview_summary.model import CLAIM, CREATE, DELETE, REPLACE, SAME, UPDATE, Preview, Step
from operations.preview_summary.notifications import (
    Configuration,
    Redirection,
    configurations,
    notified,
    redirected,
    route_changes,
)

# Kinds and operations that have lines of their own.
_RULES: Final = "PrometheusRule"


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Changes of one stack.

    Attributes:
        preview: The preview.
        alerts: Alerts that are added, changed or removed.
        recordings: Names of changed recording rules.
        redirected: Alerts that reach other addresses than before, by the difference.
        routes: Differences of Alertmanager's configuration.
        settings: Changed settings; None if they were not compared.
        boards: Changed dashboards.
        configuration: Alertmanager's configuration before and after.
    """

    preview: Preview
    alerts: Sequence[AlertChange]
    recordings: Sequence[str]
    redirected: Mapping[Redirection, Sequence[str]]
    routes: Sequence[Difference]
    settings: Sequence[Difference] | None
    boards: Sequence[BoardChange]
    configuration: tuple[Configuration | None, Configuration | None]

    @property
    def has_failed(self) -> bool:
        """Whether the preview failed or violates a policy."""
        return bool(self.preview.errors or self.preview.violations)

    @property
    def removals(self) -> list[Step]:
        """Return the objects that are deleted or replaced, volume claims first."""
        found = [step for step in self.preview.changes if step.operation in (DELETE, REPLACE)]
        return sorted(found, key=lambda step: (step.kind != CLAIM, step.kind, step.name))

    @property
    def lost_claims(self) -> list[str]:
        """Return the names of the volume claims whose data would be lost."""
        return [step.name for step in self.removals if step.loses_data]

    @property
    def runbooks(self) -> list[str]:
        """Return the names of the alerts whose runbook changes."""
        found: set[str] = set()
        for step in filter(_has_runbooks, self.preview.changes):
            old, new = (((inputs or {}).get("data") or {}) for inputs in (step.old, step.new))
            found |= {name.removesuffix(".md") for name in {*old, *new} if old.get(name) != new.get(name)}
        return sorted(found)

    @property
    def others(self) -> Counter[tuple[str, str]]:
        """Return the number of created and updated objects without lines of their own, by operation and kind."""
        return Counter(
            (step.operation, step.kind)
            for step in self.preview.changes
            if step.operation in (CREATE, UPDATE)
            and step.kind != _RULES
            and not is_board(step)
            and not _has_runbooks(step)
        )

    def notified(self, rule: Rule, *, before: bool = False) -> tuple[str, ...]:
        """Return the addresses that an alert can reach, before or after the change."""
        return notified(self.configuration[0 if before else 1], rule)


def summarise(preview: Preview, settings: Sequence[Difference] | None = None) -> Summary:
    """Return the changes of a preview.

    Args:
        preview: The preview.
        settings: Changed settings of the stack file; None if they were not compared.
    """
    before, after = alerts(preview.steps)
    configuration = configurations(preview.steps)
    return Summary(
        preview=preview,
        alerts=alert_changes(before, after),
        recordings=recording_changes(preview.steps),
        redirected=redirected((configuration[0], before), (configuration[1], after)),
        routes=route_changes(*configuration),
        settings=settings,
        boards=board_changes(preview.steps),
        configuration=configuration,
    )


def as_dict(summary: Summary) -> dict[str, Any]:
    """Return the summary for JSON; without values of settings and routes, which may be long."""
    preview = summary.preview
    return {
        "stack": preview.stack,
        "failed": summary.has_failed,
        "errors": list(preview.errors),
        "violations": list(preview.violations),
        "warnings": list(preview.warnings),
        "changes": len(preview.changes),
        "lost_claims": summary.lost_claims,
        "removals": [
            {"kind": each.kind, "name": each.name, "operation": each.operation, "retained": each.is_retained}
            for each in summary.removals
        ],
        "alerts": [_alert(each) for each in summary.alerts],
        "recording_rules": list(summary.recordings),
        "notified_differently": [
            {"alerts": list(alerts), "lost": list(each.lost), "gained": list(each.gained), "paging": each.paging}
            for each, alerts in summary.redirected.items()
        ],
        "routes": [each.path for each in summary.routes],
        "settings": None if summary.settings is None else [each.path for each in summary.settings],
        "boards": [
            {
                "uid": each.uid,
                "state": each.state,
                "added": list(each.added),
                "changed": list(each.changed),
                "removed": list(each.removed),
            }
            for each in summary.boards
        ],
        "runbooks": summary.runbooks,
        "others": [
            {"operation": operation, "kind": kind, "count": count}
            for (operation, kind), count in sorted(summary.others.items())
        ],
    }


def _alert(change: AlertChange) -> dict[str, Any]:
    fields: Mapping[str, Any] = {name: {"old": old, "new": new} for name, old, new in change.fields()}
    return {
        "name": change.name,
        "state": "added" if change.old is None else "removed" if change.new is None else "changed",
        "numbers": [{"name": each.name, "old": each.old, "new": each.new} for each in change.numbers],
        "expression": change.has_new_expression,
        "fields": fields,
    }


def _has_runbooks(step: Step) -> bool:
    return step.kind == "ConfigMap" and step.name.startswith("runbooks-") and step.operation != SAME
