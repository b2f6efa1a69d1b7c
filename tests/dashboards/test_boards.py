"""The boards that were promised, as they were promised; what holds of any board is the lint's business."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from catalogue.panel_links import panel_id
from dashboards import stack
from dashboards.model import View
from tools.boards.rendered_boards import BOARDS, ENVIRONMENT, PANELS, RULES, TUNABLES, panel_name, panels

# In a window of 1600 pixels: a column, a character of a title on average, and what a panel's frame and menu take.
COLUMN_PIXELS, CHARACTER_PIXELS, FRAME_PIXELS = 65, 7.5, 40

each_board = pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
each_panel = pytest.mark.parametrize(("uid", "panel"), PANELS, ids=panel_name)


def test_the_boards_are_there() -> None:
    assert set(BOARDS) == {
        "bais-api",
        "bais-business",
        "bais-cache",
        "bais-database",
        "bais-infrastructure",
        "bais-monitoring",
        "bais-production",
        "bais-security",
    }


def test_an_incident_shows_in_the_first_line_of_the_production_board() -> None:
    (first, *_) = BOARDS["bais-production"]["panels"][1:]
    line = [panel for panel in panels(BOARDS["bais-production"]) if panel["gridPos"]["y"] == first["gridPos"]["y"]]
    assert [panel["title"] for panel in line] == [
        "Firing alerts",
        "Availability, 30 days",
        "Response time, p95",
        "Error rate",
        "Payment success",
        "Active sessions",
    ]
    judged = [panel for panel in line if "red" in str(panel["fieldConfig"]) or "orange" in str(panel["fieldConfig"])]
    assert judged == line[:-1]


def test_the_production_board_has_every_promised_section_and_panel() -> None:
    drawn = BOARDS["bais-production"]
    assert drawn["title"] == "BAIS Production Dashboard"
    sections = [panel["title"] for panel in drawn["panels"] if panel["type"] == "row"]
    assert sections[1:] == ["Real-time API", "Business", "Infrastructure", "Security", "Database", "Cache"]
    promised = {
        "request-rate",
        "p95-now",
        "error-rate-now",
        "active-sessions-now",
        "payment-success-now",
        "database-connections",
        "memory",
        "security-events",
        "statement-time",
        "database-pools",
        "replication-lag",
        "cache-memory",
        "cache-hits",
        "cache-evictions",
    }
    assert {panel_id(slug) for slug in promised} <= {panel["id"] for panel in panels(drawn)}


@pytest.mark.parametrize("board", stack.BOARDS, ids=lambda board: board.uid)
def test_a_panel_is_found_by_its_slug(board: Any) -> None:
    slugs = [panel.slug for row in board.rows for panel in row.panels]
    assert len(set(slugs)) == len(slugs)
    assert {panel_id(slug) for slug in slugs} == {panel["id"] for panel in panels(BOARDS[board.uid])}


def test_a_panels_number_never_changes() -> None:
    assert [panel_id(slug) for slug in ("targets-down", "newest-sample-age")] == [736762, 584028]


@each_panel
def test_a_title_fits_its_panel(uid: str, panel: Mapping[str, Any]) -> None:
    room = panel["gridPos"]["w"] * COLUMN_PIXELS - FRAME_PIXELS
    assert len(panel["title"]) * CHARACTER_PIXELS <= room, panel["title"]


@pytest.mark.parametrize("board", stack.BOARDS, ids=lambda board: board.uid)
def test_the_signals_of_a_panel_have_one_unit_unless_each_has_a_column(board: Any) -> None:
    drawn = [panel for panel in board.panels.values() if panel.view is not View.TABLE]
    assert [panel.slug for panel in drawn if len({each.unit for each in panel.signals}) != 1] == []


@each_panel
def test_every_query_has_a_letter_and_names_its_series(uid: str, panel: Mapping[str, Any]) -> None:
    letters = [target["refId"] for target in panel["targets"]]
    assert letters == list("ABCDEFGH"[: len(letters)])
    assert letters
    assert all(target["legendFormat"] for target in panel["targets"])


@each_board
def test_the_board_starts_with_the_stacks_own_data_source(board: Mapping[str, Any]) -> None:
    first = board["templating"]["list"][0]
    assert (first["name"], first["type"], first["current"]["value"]) == ("datasource", "datasource", "prometheus")


@each_board
def test_the_board_says_whose_it_is_and_lets_nobody_change_that(board: Mapping[str, Any]) -> None:
    second = board["templating"]["list"][1]
    assert (second["name"], second["type"], second["query"]) == ("environment", "custom", ENVIRONMENT)
    assert [(option["value"], option["selected"]) for option in second["options"]] == [(ENVIRONMENT, True)]
    assert second["current"]["value"] == ENVIRONMENT
    assert not any(second[way] for way in ("multi", "includeAll", "allowCustomValue"))


def test_drawing_twice_gives_the_same() -> None:
    again = stack.render(RULES, environment=ENVIRONMENT, tunables=TUNABLES, overrides={})
    assert {uid: json.loads(text) for uid, text in again.items()} == BOARDS
