"""Alerts of a stack per panel: those that open it, and those that share a limit with it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from catalogue import tunables
from catalogue.panel_links import panel_path
from dashboards.model import Panel


class BoardAlert(NamedTuple):
    """An alert with its severity, its runbook, the panel that it opens, and its tunables."""

    name: str
    severity: str
    runbook: str
    opens: str
    tunables: frozenset[str]


def alerts_of_rules(rules: Mapping[str, Mapping[str, Any]]) -> Iterator[BoardAlert]:
    """Yield the alerts of rendered rule files."""
    for rule in (rule for area in rules.values() for group in area["groups"] for rule in group["rules"]):
        if "alert" in rule:
            notes = rule["annotations"]
            opens = notes["dashboard_url"].rpartition("/d/")[2].partition("{{")[0]
            read = frozenset(marker.name for marker in tunables.find_markers(rule["expr"])[0])
            yield BoardAlert(rule["alert"], rule["labels"]["severity"], notes["runbook_url"], opens, read)


def alerts_opening(uid: str, panel: Panel, alerts: Iterable[BoardAlert]) -> list[BoardAlert]:
    """Return the alerts whose link opens a panel, sorted by name."""
    place = panel_path(uid, panel.slug).removeprefix("d/")
    return sorted(alert for alert in alerts if alert.opens == place)


def alerts_sharing_limit(panel: Panel, alerts: Iterable[BoardAlert]) -> list[BoardAlert]:
    """Return the alerts that share a limit with a panel, sorted by name."""
    followed = {tunable for _, tunable in panel.tunables}
    return sorted(alert for alert in alerts if alert.tunables & followed)
