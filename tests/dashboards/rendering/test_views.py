"""Tests of the options of each panel type, and of the query formats of tables and heatmaps."""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from grafana_foundation_sdk.models import units

from catalogue.panel_links import panel_id
from dashboards.model import Panel, View
from dashboards.rendering.columns import heading
from dashboards.stack import BOARDS as DECLARED
from tools.boards.rendered_boards import BOARDS, PANELS, panel_name, panels

TABLES: Final = [
    pytest.param(panel, rendered, id=f"{board.uid}: {panel.title}")
    for board in DECLARED
    for panel in board.panels.values()
    for rendered in panels(BOARDS[board.uid])
    if panel.view is View.TABLE and rendered["id"] == panel_id(panel.slug)
]
HEATMAPS: Final = [(uid, panel) for uid, panel in PANELS if panel["type"] == "heatmap"]
TRENDS: Final = [(uid, panel) for uid, panel in PANELS if panel["type"] == "timeseries"]

each_table = pytest.mark.parametrize(("panel", "rendered"), TABLES)


def transformations(rendered: Mapping[str, Any]) -> dict[str, Any]:
    return {each["id"]: each["options"] for each in rendered["transformations"]}


def test_there_are_tables_and_heatmaps() -> None:
    assert TABLES
    assert HEATMAPS


@each_table
def test_tables_query_current_values_as_rows(panel: Panel, rendered: Mapping[str, Any]) -> None:
    for target in rendered["targets"]:
        assert (target["format"], target["instant"], target["range"]) == ("table", True, False)


@each_table
def test_table_columns_are_labels_then_signals_by_name(panel: Panel, rendered: Mapping[str, Any]) -> None:
    steps = transformations(rendered)
    assert list(steps) == (["merge", "organize"] if len(panel.signals) > 1 else ["organize"])
    columns = steps["organize"]
    values = [f"Value #{target['refId']}" for target in rendered["targets"]] if len(panel.signals) > 1 else ["Value"]
    assert columns["excludeByName"] == {"Time": True}
    assert sorted(columns["indexByName"], key=columns["indexByName"].__getitem__) == [*panel.labels, *values]
    names = [*panel.labels, *(each.name for each in panel.signals)]
    assert columns["renameByName"] == dict(zip([*panel.labels, *values], map(heading, names), strict=True))
    assert panel.labels
    assert not any(signal.labels for signal in panel.signals)


@each_table
def test_table_columns_have_the_units_of_their_signals(panel: Panel, rendered: Mapping[str, Any]) -> None:
    units_by_column = {
        override["matcher"]["options"]: each["value"]
        for override in rendered["fieldConfig"]["overrides"]
        for each in override["properties"]
        if override["matcher"]["id"] == "byName" and each["id"] == "unit"
    }
    assert units_by_column == {heading(signal.name): signal.unit for signal in panel.signals}


@each_table
def test_table_labels_have_no_unit(panel: Panel, rendered: Mapping[str, Any]) -> None:
    assert rendered["fieldConfig"]["defaults"]["unit"] == units.String


@each_table
def test_exactly_the_cells_with_limits_or_states_are_coloured(panel: Panel, rendered: Mapping[str, Any]) -> None:
    coloured = {
        override["matcher"]["options"]: each["value"]
        for override in rendered["fieldConfig"]["overrides"]
        for each in override["properties"]
        if each["id"] == "custom.cellOptions"
    }
    limits = zip(panel.signals, panel.limits_by_signal or [None] * len(panel.signals), strict=True)
    expected = {heading(signal.name) for signal, limit in limits if limit}
    expected |= set(panel.labels[:1] if panel.states else [])
    assert set(coloured) == expected
    assert all(options == {"type": "color-background", "mode": "basic"} for options in coloured.values())


@each_table
def test_tables_are_sorted_with_the_worst_row_first(panel: Panel, rendered: Mapping[str, Any]) -> None:
    (*states, order) = rendered["options"]["sortBy"]
    assert order["displayName"] == heading(panel.signals[0].name)
    first = panel.limits_by_signal[0] if panel.limits_by_signal else None
    assert order["desc"] is not bool(first and first.worse_below)
    # "critical" is before "warning" in the alphabet too.
    assert states == ([{"displayName": heading(panel.labels[0]), "desc": False}] if panel.states else [])


@pytest.mark.parametrize("board", DECLARED, ids=lambda board: board.uid)
def test_only_tables_have_labels_and_limits_by_signal_cover_every_signal(board: Any) -> None:
    for panel in board.panels.values():
        assert bool(panel.labels) == (panel.view is View.TABLE), panel.slug
        assert len(panel.limits_by_signal) in (0, len(panel.signals)), panel.slug


@pytest.mark.parametrize(("uid", "panel"), HEATMAPS, ids=panel_name)
def test_heatmaps_show_histogram_buckets_in_seconds(uid: str, panel: Mapping[str, Any]) -> None:
    (target,) = panel["targets"]
    assert (target["format"], target["legendFormat"], target["range"]) == ("heatmap", "{{le}}", True)
    assert "_seconds_bucket" in target["expr"]
    assert panel["options"]["calculate"] is False
    assert panel["options"]["yAxis"]["unit"] == units.Seconds


def test_a_lower_limit_is_a_line_of_its_own_in_the_colour_of_its_alarm() -> None:
    (panel,) = (panel for uid, panel in PANELS if uid == "bais-cache" and panel["title"] == "Hit ratio")
    assert [(each["expr"], each["legendFormat"]) for each in panel["targets"][1:]] == [("vector(0.8)", "warning below")]
    colors = {
        override["matcher"]["options"]: each["value"]["fixedColor"]
        for override in panel["fieldConfig"]["overrides"]
        for each in override["properties"]
        if each["id"] == "color"
    }
    assert colors == {"warning below": "orange"}


@pytest.mark.parametrize(("width", "numbers"), [(5, ["last"]), (8, ["max", "last"]), (12, ["mean", "max", "last"])])
def test_a_legend_has_as_many_numbers_as_fit(width: int, numbers: list[str]) -> None:
    found = [panel for _, panel in TRENDS if panel["gridPos"]["w"] == width]
    assert found
    assert numbers in [panel["options"]["legend"]["calcs"] for panel in found]
