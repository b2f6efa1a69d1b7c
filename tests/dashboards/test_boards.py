"""A board can be read: nothing overlaps, everything is explained, and colours mean what they say."""

import itertools
import json
from collections.abc import Mapping
from typing import Any

import pytest
from grafana_foundation_sdk.models import units

from dashboards import catalogue
from dashboards.model import Color, View
from rules.panels import panel_id
from tests.dashboards.drawn import BOARDS, ENVIRONMENT, PANELS, RULES, TUNABLES, panel_name, panels

COLUMNS = 24
# In a window of 1600 pixels: a column, a character of a title on average, and what a panel's frame and menu take.
COLUMN_PIXELS, CHARACTER_PIXELS, FRAME_PIXELS = 65, 7.5, 40
UNITS = {value for name, value in vars(units).items() if isinstance(value, str) and not name.startswith("_")}

each_board = pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
each_panel = pytest.mark.parametrize(("uid", "panel"), PANELS, ids=panel_name)


def own(panel: Mapping[str, Any], property_: str) -> dict[str, Any]:
    """What single signals of a panel have to themselves, by their names."""
    return {
        override["matcher"]["options"]: each["value"]
        for override in panel["fieldConfig"]["overrides"]
        for each in override["properties"]
        if each["id"] == property_
    }


def cells(panel: Mapping[str, Any]) -> set[tuple[int, int]]:
    place = panel["gridPos"]
    columns = range(place["x"], place["x"] + place["w"])
    return set(itertools.product(columns, range(place["y"], place["y"] + place["h"])))


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


def test_no_two_boards_have_a_uid_or_title_in_common() -> None:
    declared = catalogue.BOARDS
    assert len({board.uid for board in declared}) == len({board.title for board in declared}) == len(declared)


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


@each_board
def test_grafana_accepts_the_uid_and_provisions_the_schema(board: Mapping[str, Any]) -> None:
    assert 8 <= len(board["uid"]) <= 40
    assert board["schemaVersion"] == 42
    assert board["editable"] is False
    assert board["timezone"] == "utc"


@each_board
def test_every_panel_and_heading_has_a_number_of_its_own(board: Mapping[str, Any]) -> None:
    numbers = [panel["id"] for panel in board["panels"]]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("board", catalogue.BOARDS, ids=lambda board: board.uid)
def test_a_panel_is_found_by_its_slug(board: Any) -> None:
    slugs = [panel.slug for row in board.rows for panel in row.panels]
    assert len(set(slugs)) == len(slugs)
    assert {panel_id(slug) for slug in slugs} == {panel["id"] for panel in panels(BOARDS[board.uid])}


def test_a_panels_number_never_changes() -> None:
    assert [panel_id(slug) for slug in ("targets-down", "newest-sample-age")] == [736762, 584028]


@each_board
def test_panels_neither_overlap_nor_leave_the_board(board: Mapping[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= COLUMNS, panel["title"]
        assert not taken & cells(panel), panel["title"]
        taken |= cells(panel)


@each_board
def test_no_line_of_panels_has_a_gap(board: Mapping[str, Any]) -> None:
    widths: dict[int, int] = {}
    for panel in board["panels"]:
        widths[panel["gridPos"]["y"]] = widths.get(panel["gridPos"]["y"], 0) + panel["gridPos"]["w"]
    assert {line: width for line, width in widths.items() if width != COLUMNS} == {}


@each_panel
def test_a_title_fits_its_panel(uid: str, panel: Mapping[str, Any]) -> None:
    room = panel["gridPos"]["w"] * COLUMN_PIXELS - FRAME_PIXELS
    assert len(panel["title"]) * CHARACTER_PIXELS <= room, panel["title"]


@each_panel
def test_a_panel_says_what_it_shows(uid: str, panel: Mapping[str, Any]) -> None:
    assert panel["title"]
    first = panel["description"].split("\n\n")[0]
    assert first.endswith(".")
    assert first.rstrip(".").lower() != panel["title"].lower()


@each_panel
def test_a_panel_has_a_unit_that_grafana_knows(uid: str, panel: Mapping[str, Any]) -> None:
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS


@pytest.mark.parametrize("board", catalogue.BOARDS, ids=lambda board: board.uid)
def test_the_signals_of_a_panel_have_one_unit_unless_each_has_a_column(board: Any) -> None:
    drawn = [panel for panel in board.panels.values() if panel.view is not View.TABLE]
    assert [panel.slug for panel in drawn if len({each.unit for each in panel.signals}) != 1] == []


@each_panel
def test_the_colours_of_a_panel_begin_at_the_bottom_and_rise(uid: str, panel: Mapping[str, Any]) -> None:
    for thresholds in (panel["fieldConfig"]["defaults"]["thresholds"], *own(panel, "thresholds").values()):
        values = [step["value"] for step in thresholds["steps"]]
        assert thresholds["mode"] == "absolute"
        assert values[0] is None
        assert values[1:] == sorted(set(values[1:]))
        assert {step["color"] for step in thresholds["steps"]} <= set(Color)


@each_panel
def test_a_share_is_limited_as_a_share(uid: str, panel: Mapping[str, Any]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    limited = own(panel, "thresholds")
    judged = [(defaults["unit"], defaults["thresholds"])]
    judged += [(own(panel, "unit").get(name, defaults["unit"]), limits) for name, limits in limited.items()]
    for unit, thresholds in judged:
        if unit == units.PercentUnit:
            assert [step["value"] for step in thresholds["steps"][1:] if not 0 <= step["value"] <= 1] == []


@each_panel
def test_every_query_has_a_letter_and_names_its_series(uid: str, panel: Mapping[str, Any]) -> None:
    letters = [target["refId"] for target in panel["targets"]]
    assert letters == list("ABCDEFGH"[: len(letters)])
    assert letters
    assert all(target["legendFormat"] for target in panel["targets"])


@each_panel
def test_every_query_goes_to_the_chosen_data_source(uid: str, panel: Mapping[str, Any]) -> None:
    for each in (panel, *panel["targets"]):
        assert each["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


@each_panel
def test_no_legend_adds_up_what_is_no_amount(uid: str, panel: Mapping[str, Any]) -> None:
    assert "sum" not in panel["options"].get("legend", {}).get("calcs", [])


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


@each_board
def test_links_and_marks_are_not_hidden_in_a_menu(board: Mapping[str, Any]) -> None:
    shown = [*board["links"], *board["annotations"]["list"]]
    assert shown
    assert [each for each in shown if "placement" in each] == []


@each_board
def test_the_other_boards_are_one_step_away_with_time_and_choices(board: Mapping[str, Any]) -> None:
    (link,) = board["links"]
    assert (link["type"], link["keepTime"], link["includeVars"]) == ("dashboards", True, True)
    assert set(link["tags"]) <= set(board["tags"])


def test_drawing_twice_gives_the_same() -> None:
    again = catalogue.render(RULES, environment=ENVIRONMENT, tunables=TUNABLES, changed={})
    assert {uid: json.loads(text) for uid, text in again.items()} == BOARDS
