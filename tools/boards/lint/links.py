"""The rule about where links lead."""

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from tools.boards.lint.model import WHOLE_BOARD, Panel, Subject
from tools.boards.lint.panels import own

# The two ways in which a link hands a choice on.
_FILLED: Final = re.compile(r"[?&]var-(\w+)=|\$\{(\w+):queryparam\}")
_PANEL: Final = re.compile(r"viewPanel=panel-(\d+)")


def links(subject: Subject) -> Iterator[tuple[str, str]]:
    """A link leads to a board, and a panel, that exists, and makes only choices that are offered there."""
    by_uid = {board["uid"]: board for board in subject.boards}
    tags = [set(board.get("tags", [])) for board in subject.boards]
    for place, link in _links(subject):
        if link.get("type") == "dashboards":
            if not any(set(link["tags"]) <= each for each in tags):
                yield place, f"no board has the tags {', '.join(link['tags'])}"
            continue
        uid = urlsplit(link["url"]).path.removeprefix("/d/").partition("/")[0]
        if uid not in by_uid:
            yield place, f"there is no board {uid}"
            continue
        offered = {variable["name"] for variable in by_uid[uid]["templating"]["list"]}
        for name in sorted({one or other for one, other in _FILLED.findall(link["url"])} - offered):
            yield place, f"{uid} has no variable {name}"
        numbers = {str(panel["id"]) for panel in by_uid[uid]["panels"]}
        for number in sorted(set(_PANEL.findall(link["url"])) - numbers):
            yield place, f"{uid} has no panel {number}"


def siblings(subject: Subject) -> Iterator[tuple[str, str]]:
    """The other boards are one step away, with the same time and choices."""
    kept = [link for link in subject.board["links"] if link["type"] == "dashboards"]
    if not any(link.get("keepTime") and link.get("includeVars") for link in kept):
        yield WHOLE_BOARD, "no link leads to the other boards with the same time and choices"


def _links(subject: Subject) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((WHOLE_BOARD, link) for link in subject.board["links"])
    for panel in subject.panels:
        yield from ((panel["title"], link) for link in _of(panel))


def _of(panel: Panel) -> Iterator[dict[str, Any]]:
    yield from panel.get("links") or []
    yield from panel["fieldConfig"]["defaults"].get("links") or []
    for several in own(panel, "links").values():
        yield from several
