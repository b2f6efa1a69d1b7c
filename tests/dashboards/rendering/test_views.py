"""A table and a heatmap ask Prometheus in the form that Grafana draws them from."""

from collections.abc import Mapping
from typing import Any

import pytest
from grafana_foundation_sdk.models import units

from catalogue.panel_links import panel_id
from dashboards.model import Panel, View
from dashboards.stack import BOARDS as DECLARED
from tools.boards.rendered_boards import BOARDS, PANELS, panel_name

TABLES = [
    pytest.param(panel, drawn, id=f"{board.uid}: {panel.title}")
    for board in DECLARED
    for panel in board.panels.values()
    for drawn in BOARDS[board.uid]["panels"]
    if panel.view is View.TABLE and drawn["id"] == panel_id(panel.slug)
]
HEATMAPS = [(uid, panel) for uid, panel in PANELS if panel["type"] == "heatmap"]

each_table = pytest.mark.parametrize(("panel", "drawn"), TABLES)


def transformations(drawn: Mapping[str, Any]) -> dict[str, Any]:
    return {each["id"]: each["options"] for each in drawn["transformations"]}


@each_table
def test_a_table_asks_for_values_of_now_as_rows(panel: Panel, drawn: Mapping[str, Any]) -> None:
    for target in drawn["targets"]:
        assert (target["format"], target["instant"], target["range"]) == ("table", True, False)


@each_table
def test_a_table_has_labels_first_and_each_signal_under_its_name(panel: Panel, drawn: Mapping[str, Any]) -> None:
    steps = transformations(drawn)
    assert list(steps) == (["merge", "organize"] if len(panel.signals) > 1 else ["organize"])
    columns = steps["organize"]
    values = [f"Value #{target['refId']}" for target in drawn["targets"]] if len(panel.signals) > 1 else ["Value"]
    assert columns["excludeByName"] == {"Time": True}
    assert sorted(columns["indexByName"], key=columns["indexByName"].__getitem__) == [*panel.labels, *values]
    assert columns["renameByName"] == dict(zip(values, (each.name for each in panel.signals), strict=True))
    assert panel.labels
    assert not any(signal.labels for signal in panel.signals)


@each_table
def test_a_tables_columns_have_the_units_of_their_signals(panel: Panel, drawn: Mapping[str, Any]) -> None:
    own = {
        override["matcher"]["options"]: each["value"]
        for override in drawn["fieldConfig"]["overrides"]
        for each in override["properties"]
        if override["matcher"]["id"] == "byName" and each["id"] == "unit"
    }
    assert own == {signal.name: signal.unit for signal in panel.signals}


@each_table
def test_a_cell_has_a_colour_where_its_value_is_judged(panel: Panel, drawn: Mapping[str, Any]) -> None:
    colored = {
        override["matcher"]["options"]: each["value"]
        for override in drawn["fieldConfig"]["overrides"]
        for each in override["properties"]
        if each["id"] == "custom.cellOptions"
    }
    limited = zip(panel.signals, panel.limits_by_signal or [None] * len(panel.signals), strict=True)
    judged = {signal.name for signal, limits in limited if limits} | set(panel.labels[:1] if panel.states else [])
    assert set(colored) == judged
    assert all(options == {"type": "color-background", "mode": "basic"} for options in colored.values())


@each_table
def test_the_worst_row_stands_on_top(panel: Panel, drawn: Mapping[str, Any]) -> None:
    (order,) = drawn["options"]["sortBy"]
    assert order["displayName"] == panel.signals[0].name
    first = panel.limits_by_signal[0] if panel.limits_by_signal else None
    assert order["desc"] is not bool(first and first.worse_below)


@pytest.mark.parametrize("board", DECLARED, ids=lambda board: board.uid)
def test_only_tables_have_columns_and_limits_of_signals_stand_one_for_each(board: Any) -> None:
    for panel in board.panels.values():
        assert bool(panel.labels) == (panel.view is View.TABLE), panel.slug
        assert len(panel.limits_by_signal) in (0, len(panel.signals)), panel.slug


def test_there_are_heatmaps() -> None:
    assert HEATMAPS


@pytest.mark.parametrize(("uid", "panel"), HEATMAPS, ids=panel_name)
def test_a_heatmap_shows_the_buckets_of_a_histogram_in_seconds(uid: str, panel: Mapping[str, Any]) -> None:
    (target,) = panel["targets"]
    assert (target["format"], target["legendFormat"], target["range"]) == ("heatmap", "{{le}}", True)
    assert "_seconds_bucket" in target["expr"]
    assert panel["options"]["calculate"] is False
    assert panel["options"]["yAxis"]["unit"] == units.Seconds


@pytest.mark.parametrize(("uid", "panel"), PANELS, ids=panel_name)
def test_a_narrow_legend_leaves_room_for_names(uid: str, panel: Mapping[str, Any]) -> None:
    if panel["type"] == "timeseries" and panel["gridPos"]["w"] < 6:
        assert panel["options"]["legend"]["calcs"] == ["lastNotNull"]


@pytest.mark.parametrize(("uid", "panel"), PANELS, ids=panel_name)
def test_the_axis_of_a_share_that_is_0_ends_near_it(uid: str, panel: Mapping[str, Any]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    if panel["type"] == "timeseries" and defaults["unit"] == units.PercentUnit:
        assert ("max" in defaults) != (defaults["custom"].get("axisSoftMax") == 0.01)


@pytest.mark.parametrize(("uid", "panel"), PANELS, ids=panel_name)
def test_a_label_of_a_table_has_no_unit(uid: str, panel: Mapping[str, Any]) -> None:
    if panel["type"] == "table":
        assert panel["fieldConfig"]["defaults"]["unit"] == units.String
