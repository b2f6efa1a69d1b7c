"""Rules about the choices above a board."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tools.boards.lint.model import WHOLE_BOARD, Subject
from tools.boards.lint.promql import parsed

VALUES_OF: Final = re.compile(r"label_values\((?P<selector>.+), ?(?P<label>[a-z_]+)\)")
_NAMED: Final = re.compile(r"\$\{?([A-Za-z]\w*)")


def template_datasource(subject: Subject) -> Iterator[tuple[str, str]]:
    """The first choice is that of the data source."""
    first = subject.variables[0] if subject.variables else {}
    if (first.get("name"), first.get("type"), first.get("label")) != ("datasource", "datasource", "Data source"):
        yield WHOLE_BOARD, "the first variable is not the choice of the data source"


def template_job(subject: Subject) -> Iterator[tuple[str, str]]:
    """A board about one kind of process lets its job be chosen."""
    return _offered(subject, "job")


def template_instance(subject: Subject) -> Iterator[tuple[str, str]]:
    """A board about one kind of process lets one of its instances be chosen."""
    return _offered(subject, "instance")


def template_label_promql(subject: Subject) -> Iterator[tuple[str, str]]:
    """A choice is the values of a label on series that PromQL selects."""
    for variable in _queried(subject):
        found = VALUES_OF.fullmatch(str(variable.get("query")))
        if not found or parsed(found["selector"]) is None:
            yield variable["name"], "its query is not label_values of a selector and a label"


def template_on_time_change_reload(subject: Subject) -> Iterator[tuple[str, str]]:
    """A choice is renewed with the time range."""
    for variable in _queried(subject):
        if variable.get("refresh") != 2:
            yield variable["name"], "it is not renewed when the time range changes"


def template_all(subject: Subject) -> Iterator[tuple[str, str]]:
    """Some or all values can be chosen; all is `.*`, as `.+` loses the series that lack the label."""
    for variable in _queried(subject):
        if not (variable.get("multi") and variable.get("includeAll")) or variable.get("allValue") != ".*":
            yield variable["name"], "it does not offer several values, and all as .*"


def variables_defined(subject: Subject) -> Iterator[tuple[str, str]]:
    """What a query, title, link or mark takes from a choice is offered."""
    offered = {variable["name"] for variable in subject.variables}
    places = [(panel["title"], panel) for panel in subject.board["panels"]]
    places += [(variable["name"], variable) for variable in subject.variables]
    places += [(mark["name"], mark) for mark in subject.board["annotations"]["list"]]
    for place, part in places:
        for name in sorted({name for text in texts(part) for name in _NAMED.findall(text)} - offered):
            yield place, f"it names the variable {name}, which the board does not have"


def variables_used(subject: Subject) -> Iterator[tuple[str, str]]:
    """Every choice of a label's values decides what some panel shows."""
    used = {name for _, target in subject.targets for name in _NAMED.findall(target["expr"])}
    for variable in _queried(subject):
        if variable["name"] not in used:
            yield variable["name"], "no panel's query depends on it"


def texts(part: object) -> Iterator[str]:
    """Every text in a part of a board."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping | list):
        for each in part.values() if isinstance(part, Mapping) else part:
            yield from texts(each)


def _queried(subject: Subject) -> Iterator[Mapping[str, Any]]:
    return (variable for variable in subject.variables if variable["type"] == "query")


def _offered(subject: Subject, name: str) -> Iterator[tuple[str, str]]:
    found = [variable for variable in _queried(subject) if variable["name"] == name]
    if not found or found[0].get("label") != name.title() or found[0]["datasource"]["uid"] != "${datasource}":
        yield WHOLE_BOARD, f"it offers no choice {name} of the chosen data source"
