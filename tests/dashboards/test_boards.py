"""Tests of the promised dashboards; the dashboard lint checks the rules that apply to every board."""

import importlib
import json
import pkgutil
from collections.abc import Mapping
from typing import Any, Final

import pytest

from catalogue.panel_links import panel_id
from dashboards import boards as board_modules
from dashboards import stack
from dashboards.model import Board, View
from dashboards.signals.freshness import WATCHDOG
from tools.boards.rendered_boards import BOARDS, ENVIRONMENT, RULES, TUNABLES, panels, queries

# Boards that requirements, alerts and guides name by uid. A new board needs no entry here.
PROMISED_BOARDS: Final = {
    "bais-api",
    "bais-business",
    "bais-cache",
    "bais-database",
    "bais-infrastructure",
    "bais-monitoring",
    "bais-production",
    "bais-security",
}
# Promised boards that can be filtered by job.
BOARDS_BY_JOB: Final = {"bais-api", "bais-infrastructure", "bais-production", "bais-security"}

# In a window 1600 pixels wide: a grid column, an average character of a title, and a panel's frame with its menu.
COLUMN_PIXELS: Final = 65
CHARACTER_PIXELS: Final = 7.5
FRAME_PIXELS: Final = 65

each_board = pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
each_declared_board = pytest.mark.parametrize("board", stack.BOARDS, ids=lambda board: board.uid)


def test_every_promised_board_exists() -> None:
    assert set(BOARDS) >= PROMISED_BOARDS


def test_every_board_module_is_registered() -> None:
    modules = [
        importlib.import_module(f"{board_modules.__name__}.{module.name}")
        for module in pkgutil.iter_modules(board_modules.__path__)
    ]
    declared = {module.BOARD.uid for module in modules if hasattr(module, "BOARD")}
    registered = [board.uid for board in stack.BOARDS]
    assert sorted(declared) == sorted(registered), "add the board to BOARDS in dashboards/boards/__init__.py"


def test_boards_of_several_jobs_have_a_job_variable() -> None:
    with_job = {uid for uid, board in BOARDS.items() for each in board["templating"]["list"] if each["name"] == "job"}
    assert with_job >= BOARDS_BY_JOB


def test_first_line_of_the_production_board_shows_an_incident() -> None:
    (first, *_) = panels(BOARDS["bais-production"])
    line = [panel for panel in panels(BOARDS["bais-production"]) if panel["gridPos"]["y"] == first["gridPos"]["y"]]
    assert [panel["title"] for panel in line] == [
        "Monitoring",
        "Firing alerts",
        "Successful probes, 30 days",
        "Latency, p95",
        "Error rate",
        "Payment success",
        "Active sessions",
    ]
    assert WATCHDOG in line[0]["targets"][0]["expr"]
    limited = [panel for panel in line if "red" in str(panel["fieldConfig"]) or "orange" in str(panel["fieldConfig"])]
    assert limited == line[:-1]


def test_production_board_has_every_promised_section_and_panel() -> None:
    board = BOARDS["bais-production"]
    assert board["title"] == "BAIS Production Dashboard"
    sections = [panel["title"].partition(" (")[0] for panel in board["panels"] if panel["type"] == "row"]
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
    assert {panel_id(slug) for slug in promised} <= {panel["id"] for panel in panels(board)}


@each_declared_board
def test_slugs_are_unique_and_identify_the_rendered_panels(board: Board) -> None:
    slugs = [panel.slug for row in board.rows for panel in row.panels]
    assert len(set(slugs)) == len(slugs)
    assert {panel_id(slug) for slug in slugs} == {panel["id"] for panel in panels(BOARDS[board.uid])}


def test_panel_ids_never_change() -> None:
    assert [panel_id(slug) for slug in ("targets-down", "newest-sample-age")] == [736762, 584028]


@each_board
def test_titles_fit_their_panels(board: Mapping[str, Any]) -> None:
    too_long = [
        panel["title"]
        for panel in panels(board)
        if len(panel["title"]) * CHARACTER_PIXELS > panel["gridPos"]["w"] * COLUMN_PIXELS - FRAME_PIXELS
    ]
    assert too_long == [], "shorten these titles or widen their panels"


@each_declared_board
def test_signals_of_a_panel_share_a_unit_except_in_tables(board: Board) -> None:
    others = [panel for panel in board.panels.values() if panel.view is not View.TABLE]
    assert [panel.slug for panel in others if len({each.unit for each in panel.signals}) != 1] == []


@each_board
def test_every_query_has_a_ref_id_in_order_and_a_legend(board: Mapping[str, Any]) -> None:
    offenders = [
        panel["title"]
        for panel in panels(board)
        if not panel["targets"]
        or [target["refId"] for target in queries(panel)] != list("ABCDEFGH"[: len(queries(panel))])
        or not all(target["legendFormat"] for target in panel["targets"])
    ]
    assert offenders == []


@each_board
def test_default_data_source_is_the_stacks_own(board: Mapping[str, Any]) -> None:
    first = board["templating"]["list"][0]
    assert (first["name"], first["type"], first["current"]["value"]) == ("datasource", "datasource", "prometheus")


@each_board
def test_environment_variable_is_constant(board: Mapping[str, Any]) -> None:
    second = board["templating"]["list"][1]
    assert (second["name"], second["type"], second["query"]) == ("environment", "custom", ENVIRONMENT)
    assert [(option["value"], option["selected"]) for option in second["options"]] == [(ENVIRONMENT, True)]
    assert second["current"]["value"] == ENVIRONMENT
    assert not any(second[way] for way in ("multi", "includeAll", "allowCustomValue"))


def test_rendering_is_deterministic() -> None:
    again = stack.render(RULES, environment=ENVIRONMENT, tunables=TUNABLES, overrides={})
    assert {uid: json.loads(text) for uid, text in again.items()} == BOARDS
