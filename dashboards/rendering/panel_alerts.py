"""The alerts of a stack as its boards see them: which open a panel, which have a limit in common with it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from catalogue import tunables
from catalogue.panel_links import panel_id
from dashboards.model import Panel


class BoardAlert(NamedTuple):
    """An alert with its severity and runbook, the place that it opens, and the tunables that it reads."""

    name: str
    severity: str
    runbook: str
    opens: str
    tunables: frozenset[str]


def of_rules(rules: Mapping[str, Mapping[str, Any]]) -> Iterator[BoardAlert]:
    """Return the alerts of rendered rule files."""
    for rule in (rule for area in rules.values() for group in area["groups"] for rule in group["rules"]):
        if "alert" in rule:
            notes = rule["annotations"]
            opens = notes["dashboard_url"].rpartition("/d/")[2].partition("{{")[0]
            read = frozenset(marker.name for marker in tunables.find_markers(rule["expr"])[0])
            yield BoardAlert(rule["alert"], rule["labels"]["severity"], notes["runbook_url"], opens, read)


def opening(uid: str, panel: Panel, alerts: Iterable[BoardAlert]) -> list[BoardAlert]:
    """Return the alerts whose link opens a panel of a board, by name."""
    place = f"{uid}?viewPanel=panel-{panel_id(panel.slug)}"
    return sorted(alert for alert in alerts if alert.opens == place)


def sharing(panel: Panel, alerts: Iterable[BoardAlert]) -> list[BoardAlert]:
    """Return the alerts that have a limit in common with a panel, by name."""
    followed = {tunable for _, tunable in panel.tunables}
    return sorted(alert for alert in alerts if alert.tunables & followed)
