"""Lint rules for links."""

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from tools.boards.lint.model import WHOLE_BOARD, Panel, Subject
from tools.boards.lint.panels import overrides
from tools.boards.rendered_boards import panels

# The two forms in which a link passes a variable on.
_FILLED: Final = re.compile(r"[?&]var-(\w+)=|\$\{(\w+):queryparam\}")
_WITH_HISTORY: Final = ("timeseries", "state-timeline")
_PANEL: Final = re.compile(r"viewPanel=([^&]+)")


def links(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require links to existing boards and panels, with variables that the target has."""
    by_uid = {board["uid"]: board for board in subject.boards}
    tags = [set(board.get("tags", [])) for board in subject.boards]
    for place, link in _links(subject):
        if link.get("type") == "dashboards":
            if not any(set(link["tags"]) <= each for each in tags):
                yield place, f"no board has all the tags {', '.join(link['tags'])}"
            continue
        if not link["url"].startswith("/d/"):
            continue
        uid = urlsplit(link["url"]).path.removeprefix("/d/").partition("/")[0]
        if uid not in by_uid:
            yield place, f"the board {uid} does not exist"
            continue
        defined = {variable["name"] for variable in by_uid[uid]["templating"]["list"]}
        for name in sorted({one or other for one, other in _FILLED.findall(link["url"])} - defined):
            yield place, f"{uid} has no variable {name}"
        # Only numbers: old versions of Grafana do not accept `panel-<id>`.
        numbers = {str(panel["id"]) for panel in panels(by_uid[uid])}
        for number in sorted(set(_PANEL.findall(link["url"])) - numbers):
            yield place, f"{uid} has no panel {number}"


def dashboard_links(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a link to the other dashboards with the same time range and variables."""
    found = [link for link in subject.board["links"] if link["type"] == "dashboards"]
    if not any(link.get("keepTime") and link.get("includeVars") for link in found):
        yield WHOLE_BOARD, "it has no link to the other dashboards that keeps the time range and variables"


def _links(subject: Subject) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((WHOLE_BOARD, link) for link in subject.board["links"])
    for panel in subject.panels:
        yield from ((panel["title"], link) for link in _of(panel))


def _of(panel: Panel) -> Iterator[dict[str, Any]]:
    yield from panel.get("links") or []
    yield from panel["fieldConfig"]["defaults"].get("links") or []
    for several in overrides(panel, "links").values():
        yield from several


def alerts_open_history(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a panel with a history as the target of an alert's link: the present says nothing about its start."""
    for panel in subject.panels:
        alerts = subject.available.opened.get((subject.board["uid"], panel["id"]), ())
        if alerts and panel["type"] not in _WITH_HISTORY:
            yield panel["title"], f"{', '.join(alerts)} opens it, but a {panel['type']} has no history"
