"""Lint rules for links."""

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from tools.boards.lint.model import WHOLE_BOARD, Panel, Subject
from tools.boards.lint.panels import overrides

# The two forms in which a link passes a variable on.
_FILLED: Final = re.compile(r"[?&]var-(\w+)=|\$\{(\w+):queryparam\}")
_PANEL: Final = re.compile(r"viewPanel=panel-(\d+)")


def links(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require links to existing boards and panels, with variables that the target has."""
    by_uid = {board["uid"]: board for board in subject.boards}
    tags = [set(board.get("tags", [])) for board in subject.boards]
    for place, link in _links(subject):
        if link.get("type") == "dashboards":
            if not any(set(link["tags"]) <= each for each in tags):
                yield place, f"no board has all the tags {', '.join(link['tags'])}"
            continue
        uid = urlsplit(link["url"]).path.removeprefix("/d/").partition("/")[0]
        if uid not in by_uid:
            yield place, f"the board {uid} does not exist"
            continue
        defined = {variable["name"] for variable in by_uid[uid]["templating"]["list"]}
        for name in sorted({one or other for one, other in _FILLED.findall(link["url"])} - defined):
            yield place, f"{uid} has no variable {name}"
        numbers = {str(panel["id"]) for panel in by_uid[uid]["panels"]}
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
