"""A click leads to where more is told of what was clicked on, with everything else as it was."""

import re
from dataclasses import replace
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest

from catalogue.panel_links import panel_id
from dashboards.model import Board, Panel, Row, Signal, Variable, View
from dashboards.rendering.drilldown import link_variables, panel_link
from dashboards.stack import BOARDS as DECLARED
from tools.boards.rendered_boards import BOARDS

BY_UID: Final = {board.uid: board for board in DECLARED}
CLICKED: Final = re.compile(r"\$\{__(?:field\.labels|data\.fields)\.(\w+)\}")


class Link(NamedTuple):
    """A drawn link with the panel and the board that it is on."""

    board: Board
    panel: Panel
    url: str

    @property
    def target(self) -> Board:
        return BY_UID[urlsplit(self.url).path.removeprefix("/d/")]

    @property
    def filled(self) -> dict[str, str]:
        """The choices that the link makes, with what it fills in."""
        query = urlsplit(self.url).query.replace("${__url_time_range}", "")
        return {name.removeprefix("var-"): value for name, value in parse_qsl(query) if name.startswith("var-")}

    @property
    def kept(self) -> list[str]:
        return re.findall(r"\$\{(\w+):queryparam\}", self.url)


def links() -> list[Link]:
    return [
        Link(board, panel, link["url"])
        for board in DECLARED
        for panel in board.panels.values()
        for drawn in BOARDS[board.uid]["panels"]
        if drawn["id"] == panel_id(panel.slug)
        for link in drawn["fieldConfig"]["defaults"].get("links") or []
    ]


LINKS: Final = links()
each_link = pytest.mark.parametrize("link", LINKS, ids=lambda link: f"{link.board.uid}: {link.panel.slug}")


def test_every_panel_that_opens_a_board_links_to_it() -> None:
    wanted = {(board.uid, slug): panel.opens for board in DECLARED for slug, panel in board.panels.items()}
    found = {(link.board.uid, link.panel.slug): link.target.uid for link in LINKS}
    assert {place: uid for place, uid in wanted.items() if uid} == {
        place: uid for place, uid in found.items() if wanted[place]
    }


@each_link
def test_a_link_fills_only_choices_that_its_board_offers(link: Link) -> None:
    assert set(link.filled) <= {choice.name for choice in link.target.variables}


@each_link
def test_what_a_link_fills_in_is_on_every_series_of_the_panel(link: Link) -> None:
    place = "__data.fields" if link.panel.view is View.TABLE else "__field.labels"
    for value in link.filled.values():
        found = CLICKED.fullmatch(value)
        assert found, value
        assert value.startswith(f"${{{place}.")
        shown = [set(link.panel.labels)] if link.panel.labels else [signal.labels for signal in link.panel.signals]
        assert all(found[1] in labels for labels in shown)


@each_link
def test_a_link_keeps_the_time_and_the_choices_that_both_boards_have(link: Link) -> None:
    shared = {choice.name for choice in link.board.variables} & {choice.name for choice in link.target.variables}
    assert "${__url_time_range}" in link.url
    assert "__all_variables" not in link.url
    assert set(link.kept) == ({"datasource", "environment"} | shared) - set(link.filled)
    assert len(link.kept) == len(set(link.kept))


@each_link
def test_a_link_to_its_own_board_narrows_it(link: Link) -> None:
    assert link.filled or link.target != link.board


@pytest.mark.parametrize(
    ("uid", "slug", "choices"),
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
        # Its series are a service's, not a server's.
        ("bais-production", "database-pools", {"namespace": "namespace"}),
    ],
)
def test_a_click_narrows_to_what_was_clicked_on(uid: str, slug: str, choices: dict[str, str]) -> None:
    panel = BY_UID[uid].panels[slug]
    assert link_variables(panel, BY_UID[panel.opens or uid]) == choices


def of_pods(expression: str, **changed: Any) -> Panel:
    signal = Signal(name="{{pod}} {{instance}}", unit="short", expression=expression)
    panel = Panel(slug="p", title="P", description="D.", view=View.TREND, signals=(signal,))
    return replace(panel, **changed)


def board(uid: str, *choices: Variable, panel: Panel) -> Board:
    rows = (Row(title="R", panels=(panel,)),)
    return Board(uid=uid, title=uid, description="", topic="t", areas=(), variables=choices, rows=rows)


POD: Final = Variable(name="pod", label="Pod", query="label_values(up, pod)")
SERVER: Final = Variable(name="server", label="Server", query="label_values(up, instance)")


def test_a_label_makes_the_choice_of_another_name_only_where_that_choice_narrows_the_panel() -> None:
    target = board("target", POD, SERVER, panel=of_pods("up"))
    assert link_variables(of_pods("up"), target) == {"pod": "pod"}
    assert link_variables(of_pods('up{instance=~"$server"}'), target) == {"pod": "pod", "server": "instance"}


def test_a_label_that_only_some_series_have_fills_nothing() -> None:
    others = Signal(name="all", unit="short", expression="up")
    panel = of_pods("up", signals=(*of_pods("up").signals, others))
    assert link_variables(panel, board("target", POD, panel=panel)) == {}


def test_there_is_no_link_to_a_board_that_the_stack_leaves_out_or_that_narrows_nothing() -> None:
    panel = of_pods("up", opens="elsewhere")
    own = board("own", panel=panel)
    assert panel_link(panel, own, {"own": own}) is None
    assert panel_link(replace(panel, opens=None), own, {"own": own}) is None
    assert panel_link(panel, own, {"own": own, "elsewhere": board("elsewhere", panel=panel)}) is not None
