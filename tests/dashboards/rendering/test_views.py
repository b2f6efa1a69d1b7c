"""Tests of the options of each panel type, and of the query formats of tables and heatmaps."""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from grafana_foundation_sdk.models import units

from catalogue.panel_links import panel_id
from dashboards.model import Panel, View
from dashboards.stack import BOARDS as DECLARED
from tools.boards.rendered_boards import BOARDS, PANELS, panel_name

TABLES: Final = [
    pytest.param(panel, rendered, id=f"{board.uid}: {panel.title}")
    for board in DECLARED
    for panel in board.panels.values()
    for rendered in BOARDS[board.uid]["panels"]
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
    assert columns["renameByName"] == dict(zip(values, (each.name for each in panel.signals), strict=True))
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
    assert units_by_column == {signal.name: signal.unit for signal in panel.signals}


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
    expected = {signal.name for signal, limit in limits if limit} | set(panel.labels[:1] if panel.states else [])
    assert set(coloured) == expected
    assert all(options == {"type": "color-background", "mode": "basic"} for options in coloured.values())


@each_table
def test_tables_are_sorted_with_the_worst_row_first(panel: Panel, rendered: Mapping[str, Any]) -> None:
    (order,) = rendered["options"]["sortBy"]
    assert order["displayName"] == panel.signals[0].name
    first = panel.limits_by_signal[0] if panel.limits_by_signal else None
    assert order["desc"] is not bool(first and first.worse_below)


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


def test_narrow_legends_show_one_number_to_leave_room_for_names() -> None:
    narrow = [(uid, panel) for uid, panel in TRENDS if panel["gridPos"]["w"] < 6]
    assert narrow
    offenders = [
        f"{uid}: {panel['title']}" for uid, panel in narrow if panel["options"]["legend"]["calcs"] != ["lastNotNull"]
    ]
    assert offenders == []


def test_the_axis_of_a_share_has_a_hard_or_a_small_soft_maximum() -> None:
    shares = [(uid, panel) for uid, panel in TRENDS if panel["fieldConfig"]["defaults"]["unit"] == units.PercentUnit]
    assert shares
    offenders = [
        f"{uid}: {panel['title']}"
        for uid, panel in shares
        for defaults in [panel["fieldConfig"]["defaults"]]
        if ("max" in defaults) == (defaults["custom"].get("axisSoftMax") == 0.01)
    ]
    assert offenders == [], "without a maximum, Grafana draws an all-zero share up to 10000 %"
