"""Lint rules for dashboard variables."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tools.boards.lint.model import WHOLE_BOARD, Subject
from tools.boards.lint.promql import parse

VALUES_OF: Final = re.compile(r"label_values\((?P<selector>.+), ?(?P<label>[a-z_]+)\)")
_NAMED: Final = re.compile(r"\$\{?([A-Za-z]\w*)")


def template_datasource(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require the data source as the first variable."""
    first = subject.variables[0] if subject.variables else {}
    if (first.get("name"), first.get("type"), first.get("label")) != ("datasource", "datasource", "Data source"):
        yield WHOLE_BOARD, "the first variable is not the data source"


def template_job(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a valid variable job on a board that defines it or whose queries read it."""
    return _selectable(subject, "job")


def template_instance(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a valid variable instance on a board that defines it or whose queries read it."""
    return _selectable(subject, "instance")


def template_label_promql(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require `label_values(selector, label)` as the query of a variable."""
    for variable in _queried(subject):
        found = VALUES_OF.fullmatch(str(variable.get("query")))
        if not found or parse(found["selector"]) is None:
            yield variable["name"], "its query is not label_values(selector, label)"


def template_on_time_change_reload(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a refresh of a variable when the time range changes."""
    for variable in _queried(subject):
        if variable.get("refresh") != 2:
            yield variable["name"], "it is not refreshed when the time range changes"


def template_all(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require multiple selection, with `.*` for All; `.+` drops series without the label."""
    for variable in _queried(subject):
        if not (variable.get("multi") and variable.get("includeAll")) or variable.get("allValue") != ".*":
            yield variable["name"], "it does not allow several values, and All as .*"


def variables_defined(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a definition of each variable in a query, title, link or annotation."""
    defined = {variable["name"] for variable in subject.variables}
    places = [(panel["title"], panel) for panel in subject.board["panels"]]
    places += [(variable["name"], variable) for variable in subject.variables]
    places += [(each["name"], each) for each in subject.board["annotations"]["list"]]
    for place, part in places:
        for name in sorted({name for text in iter_texts(part) for name in _NAMED.findall(text)} - defined):
            yield place, f"it uses the variable {name}, which the board does not define"


def variables_used(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a panel query that reads each variable."""
    used = {name for _, target in subject.targets for name in _NAMED.findall(target["expr"])}
    for variable in _queried(subject):
        if variable["name"] not in used:
            yield variable["name"], "no panel query reads it"


def iter_texts(part: object) -> Iterator[str]:
    """Yield every string in a part of a board."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping | list):
        for each in part.values() if isinstance(part, Mapping) else part:
            yield from iter_texts(each)


def _queried(subject: Subject) -> Iterator[Mapping[str, Any]]:
    return (variable for variable in subject.variables if variable["type"] == "query")


def _selectable(subject: Subject, name: str) -> Iterator[tuple[str, str]]:
    read = {each for _, target in subject.targets for each in _NAMED.findall(target["expr"])}
    if name not in read | {variable["name"] for variable in subject.variables}:
        return
    found = [variable for variable in _queried(subject) if variable["name"] == name]
    if not found or found[0].get("label") != name.title() or found[0]["datasource"]["uid"] != "${datasource}":
        yield WHOLE_BOARD, f"it has no variable {name} with the label {name.title()} of the selected data source"
