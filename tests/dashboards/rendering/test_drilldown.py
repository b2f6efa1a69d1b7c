"""Tests of the panel links: target, filled variables, and variables that are passed on."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest

from catalogue.panel_links import panel_id
from dashboards.model import Board, Panel, Row, Signal, Variable, View
from dashboards.rendering.drilldown import link_variables, panel_link
from dashboards.stack import BOARDS as DECLARED
from tools.boards.rendered_boards import BOARDS, panels

BY_UID: Final = {board.uid: board for board in DECLARED}
CLICKED: Final = re.compile(r"\$\{__(?:field\.labels|data\.fields)\.(\w+)\}")


class Link(NamedTuple):
    """A rendered link with its panel and board."""

    board: Board
    panel: Panel
    url: str

    @property
    def target(self) -> Board:
        return BY_UID[urlsplit(self.url).path.removeprefix("/d/")]

    @property
    def filled(self) -> dict[str, str]:
        """Return the variables that the link fills, with their values."""
        query = urlsplit(self.url).query.replace("${__url_time_range}", "")
        return {name.removeprefix("var-"): value for name, value in parse_qsl(query) if name.startswith("var-")}

    @property
    def passed_on(self) -> list[str]:
        return re.findall(r"\$\{(\w+):queryparam\}", self.url)


def links() -> list[Link]:
    return [
        Link(board, panel, link["url"])
        for board in DECLARED
        for panel in board.panels.values()
        for rendered in panels(BOARDS[board.uid])
        if rendered["id"] == panel_id(panel.slug)
        for link in rendered["fieldConfig"]["defaults"].get("links") or []
    ]


LINKS: Final = links()


def test_every_panel_that_opens_a_board_links_to_it() -> None:
    expected = {(board.uid, slug): panel.opens for board in DECLARED for slug, panel in board.panels.items()}
    found = {(link.board.uid, link.panel.slug): link.target.uid for link in LINKS}
    assert {place: uid for place, uid in expected.items() if uid} == {
        place: uid for place, uid in found.items() if expected[place]
    }


def fills_series_labels(link: Link) -> bool:
    """Return whether each filled variable takes its value from a label that every series or row has."""
    source = "__data.fields" if link.panel.view is View.TABLE else "__field.labels"
    shown = [set(link.panel.labels)] if link.panel.labels else [signal.labels for signal in link.panel.signals]
    found = [CLICKED.fullmatch(value) for value in link.filled.values()]
    return all(
        match and match[0].startswith(f"${{{source}.") and all(match[1] in labels for labels in shown)
        for match in found
    )


def keeps_the_rest(link: Link) -> bool:
    """Return whether a link keeps the time range and each other variable that both boards have, once."""
    shared = {each.name for each in link.board.variables} & {each.name for each in link.target.variables}
    return (
        "${__url_time_range}" in link.url
        and "__all_variables" not in link.url
        and set(link.passed_on) == ({"datasource", "environment"} | shared) - set(link.filled)
        and len(link.passed_on) == len(set(link.passed_on))
    )


# Requirements of every panel link, each with a function that returns a true value for links that meet it.
LINK_REQUIREMENTS: Final[dict[str, Callable[[Link], object]]] = {
    "fills only variables of its target": lambda link: (
        set(link.filled) <= {variable.name for variable in link.target.variables}
    ),
    "fills variables from labels of every series": fills_series_labels,
    "keeps the time range and the shared variables": keeps_the_rest,
    "to its own board adds a filter": lambda link: link.filled or link.target != link.board,
}


@pytest.mark.parametrize("requirement", LINK_REQUIREMENTS)
def test_every_panel_link(requirement: str) -> None:
    assert LINKS
    offenders = [f"{link.board.uid}: {link.panel.slug}" for link in LINKS if not LINK_REQUIREMENTS[requirement](link)]
    assert offenders == []


@pytest.mark.parametrize(
    ("uid", "slug", "variables"),
    [
        ("bais-infrastructure", "nodes", {"node": "node"}),
        ("bais-infrastructure", "node-cpu", {"node": "node"}),
        ("bais-infrastructure", "replicas", {"namespace": "namespace", "workload": "workload"}),
        ("bais-infrastructure", "container-memory", {"namespace": "namespace", "pod": "pod"}),
        ("bais-api", "routes", {"route": "route"}),
        ("bais-api", "error-rate-by-route", {"route": "route"}),
        ("bais-business", "payment-providers", {"provider": "provider"}),
        ("bais-database", "connections", {"database": "instance"}),
        ("bais-cache", "memory", {"cache": "instance"}),
        ("bais-production", "node-memory", {"node": "node"}),
        ("bais-production", "payment-latency", {"provider": "provider"}),
        ("bais-production", "cache-hits", {"cache": "instance"}),
        # Its series belong to a service, not to a server.
        ("bais-production", "database-pools", {"namespace": "namespace"}),
    ],
)
def test_a_link_filters_by_the_labels_of_the_clicked_series(uid: str, slug: str, variables: dict[str, str]) -> None:
    panel = BY_UID[uid].panels[slug]
    assert link_variables(panel, BY_UID[panel.opens or uid]) == variables


def of_pods(expression: str, **changed: Any) -> Panel:
    signal = Signal(name="{{pod}} {{instance}}", unit="short", expression=expression)
    panel = Panel(slug="p", title="P", description="D.", view=View.TREND, signals=(signal,))
    return replace(panel, **changed)


def board(uid: str, *variables: Variable, panel: Panel) -> Board:
    rows = (Row(title="R", panels=(panel,)),)
    return Board(uid=uid, title=uid, description="", topic="t", areas=(), variables=variables, rows=rows)


POD: Final = Variable(name="pod", label="Pod", query="label_values(up, pod)")
SERVER: Final = Variable(name="server", label="Server", query="label_values(up, instance)")


def test_a_label_fills_a_variable_of_another_name_only_if_the_variable_filters_the_panel() -> None:
    target = board("target", POD, SERVER, panel=of_pods("up"))
    assert link_variables(of_pods("up"), target) == {"pod": "pod"}
    assert link_variables(of_pods('up{instance=~"$server"}'), target) == {"pod": "pod", "server": "instance"}


def test_a_label_that_only_some_series_have_fills_no_variable() -> None:
    others = Signal(name="all", unit="short", expression="up")
    panel = of_pods("up", signals=(*of_pods("up").signals, others))
    assert link_variables(panel, board("target", POD, panel=panel)) == {}


def test_no_link_to_a_disabled_board_or_to_the_own_board_without_a_filter() -> None:
    panel = of_pods("up", opens="elsewhere")
    own = board("own", panel=panel)
    assert panel_link(panel, own, {"own": own}) is None
    assert panel_link(replace(panel, opens=None), own, {"own": own}) is None
    assert panel_link(panel, own, {"own": own, "elsewhere": board("elsewhere", panel=panel)}) is not None
