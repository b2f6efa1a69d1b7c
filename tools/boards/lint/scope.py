"""Lint rules for the scope of rows and panels, and for annotations."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dashboards.rendering.queries import variable_names
from dashboards.rendering.scope import NO_FILTER, WHOLE_PLATFORM
from tools.boards.lint.model import Panel, Subject
from tools.boards.rendered_boards import queries

_RANGE: Final = ("${__from}", "${__to}")


def scope_in_titles(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require in a row's title the variables that filter it, and in a panel's title those of its row that do not."""
    for row, panels in subject.rows:
        used = {panel["title"]: _variables(panel) for panel in panels}
        filters = [
            each
            for each in subject.variables
            if each["type"] == "query" and each["name"] in set().union(*used.values())
        ]
        expected = f"(filters: {', '.join(each['label'] for each in filters)})" if filters else NO_FILTER
        if not row["title"].endswith((expected, WHOLE_PLATFORM) if not filters else (expected,)):
            yield row["title"], f"its title does not end with {expected}"
        for panel in panels:
            for variable in filters:
                if not _names(panel["title"], variable) and variable["name"] not in used[panel["title"]]:
                    yield panel["title"], f"it ignores the variable {variable['label']}, and its title does not say so"


def annotations_are_marks(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require single marks within the time range as annotations, and warnings that are off."""
    for annotation in subject.board["annotations"]["list"]:
        if not annotation.get("useValueForTime") or not all(end in annotation["expr"] for end in _RANGE):
            yield annotation["name"], "it is not a single mark within the time range, and periods shade the charts"
        if 'severity="warning"' in annotation["expr"] and annotation.get("enable"):
            yield annotation["name"], "warnings are shown by default, and hide the critical alerts"


def _names(title: str, variable: Mapping[str, Any]) -> bool:
    """Return whether a title says that it ignores a variable."""
    return " all " in title and f"{variable['label'].lower()}s" in title.rpartition(" all ")[2]


def _variables(panel: Panel) -> set[str]:
    return set.intersection(*(variable_names(target["expr"]) for target in queries(panel)))
