"""Rendering of a board as JSON in Grafana's classic dashboard schema, for provisioning."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.prometheus import Dataquery, PromQueryFormat

from catalogue.panel_links import panel_id
from dashboards.model import Board, Limits, Panel, Signal, View, signals_by_ref_id
from dashboards.rendering.drilldown import panel_link
from dashboards.rendering.header import (
    DATASOURCE,
    TAG,
    annotations,
    dashboard_links,
    datasource_variable,
    environment_variable,
    query_variable,
)
from dashboards.rendering.thresholds import threshold_steps
from dashboards.rendering.views import VIEWS

COLUMNS: Final = 24

# Grafana chooses a readable text colour on a coloured background; not every colour is readable as text.
_COLORED: Final = models.DynamicConfigValue("custom.cellOptions", {"type": "color-background", "mode": "basic"})
_FORMATS: Final = {View.TABLE: PromQueryFormat.TABLE, View.HEATMAP: PromQueryFormat.HEATMAP}


def render_board(
    board: Board,
    *,
    boards: Mapping[str, Board],
    environment: str,
    tunables: Mapping[str, float],
    notes: Mapping[str, str],
) -> str:
    """Return a board as compact JSON.

    `boards` are all boards of the stack by uid, for links. `notes`, by slug, are appended to panel descriptions.
    """
    built = (
        builders.Dashboard(board.title)
        .uid(board.uid)
        .description(board.description)
        .tags([TAG, board.topic])
        .timezone("utc")
        .refresh(board.refresh)
        .time(board.since, "now")
        .readonly()
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .variables([datasource_variable(), environment_variable(environment), *map(query_variable, board.variables)])
        .annotations(list(annotations(board)))
        .link(dashboard_links())
        .build()
    )
    built.panels = list(_panels(board, boards, tunables, notes))
    # Otherwise Grafana hides links and annotations in a menu; the library has no option for this.
    for link in built.links or []:
        link.placement = None  # type: ignore[assignment]
    for annotation in (built.annotations and built.annotations.list_val) or []:
        annotation.placement = None  # type: ignore[assignment]
    return json.dumps(json.loads(JSONEncoder(sort_keys=True).encode(built)), sort_keys=True, separators=(",", ":"))


def _panels(
    board: Board, boards: Mapping[str, Board], tunables: Mapping[str, float], notes: Mapping[str, str]
) -> Iterator[models.Panel | models.RowPanel]:
    """Yield rows and panels, placed left to right; a panel that does not fit starts a new line."""
    top = 0
    for number, row in enumerate(board.rows, 1):
        heading = builders.Row(row.title).id(panel_id(f"{board.uid}/row-{number}")).build()
        heading.grid_pos = models.GridPos(x=0, y=top, w=COLUMNS, h=1)
        yield heading
        top += 1
        left = tallest = 0
        for panel in row.panels:
            if left + panel.width > COLUMNS:
                top, left, tallest = top + tallest, 0, 0
            place = models.GridPos(x=left, y=top, w=panel.width, h=panel.height)
            rendered = _panel(panel, place, tunables, notes.get(panel.slug, ""))
            if (link := panel_link(panel, board, boards)) and rendered.field_config:
                rendered.field_config.defaults.links = [link]
            yield rendered
            left += panel.width
            tallest = max(tallest, panel.height)
        top += tallest


def _panel(panel: Panel, place: models.GridPos, tunables: Mapping[str, float], note: str) -> models.Panel:
    built = VIEWS[panel.view](panel)
    built.id_val = panel_id(panel.slug)
    built.title = panel.title
    built.description = f"{panel.description}\n\n{note}".strip()
    built.datasource = DATASOURCE
    built.grid_pos = place
    built.targets = [_query(panel, reference, signal) for reference, signal in signals_by_ref_id(panel)]
    fields = built.field_config = built.field_config or models.FieldConfigSource()
    # Otherwise Grafana also applies the unit to labels that look like numbers.
    fields.defaults.unit = units.String if panel.view is View.TABLE else panel.unit
    fields.defaults.decimals = panel.decimals
    fields.defaults.max_val = panel.highest
    fields.defaults.no_value = panel.no_data_text
    fields.defaults.thresholds = _thresholds(panel.limits, tunables)
    fields.defaults.mappings = _mappings(panel)
    fields.overrides = list(_overrides(panel, tunables))
    return built


def _query(panel: Panel, reference: str, signal: Signal) -> Dataquery:
    query = (
        prometheus.Dataquery()
        .datasource(DATASOURCE)
        .expr(signal.expression)
        .legend_format(signal.name)
        .ref_id(reference)
    )
    if panel.view in _FORMATS:
        query = query.format(_FORMATS[panel.view])
    return (query.instant() if panel.view in (View.BARS, View.TABLE) else query.range()).build()


def _thresholds(limits: Limits | None, tunables: Mapping[str, float]) -> models.ThresholdsConfig:
    return models.ThresholdsConfig(
        mode=models.ThresholdsMode.ABSOLUTE,
        steps=[models.Threshold(value, color) for value, color in threshold_steps(limits, tunables)],
    )


def _overrides(panel: Panel, tunables: Mapping[str, float]) -> Iterator[models.DashboardFieldConfigSourceOverrides]:
    """Yield the field overrides per signal: limits, and in a table the unit and the cell colour."""
    if panel.labels and panel.states:
        yield _override(panel.labels[0], [_COLORED, models.DynamicConfigValue("custom.width", 90)])
    limits = panel.limits_by_signal or (None,) * len(panel.signals)
    for signal, limit in zip(panel.signals, limits, strict=True):
        properties = [models.DynamicConfigValue("unit", signal.unit)] if panel.view is View.TABLE else []
        if limit:
            properties.append(models.DynamicConfigValue("thresholds", _thresholds(limit, tunables)))
            if panel.view is View.TABLE:
                properties.append(_COLORED)
        if properties:
            yield _override(signal.name, properties)


def _override(name: str, properties: list[models.DynamicConfigValue]) -> models.DashboardFieldConfigSourceOverrides:
    return models.DashboardFieldConfigSourceOverrides(
        matcher=models.MatcherConfig("byName", name), properties=properties
    )


def _mappings(panel: Panel) -> list[models.ValueMapping]:
    results = {
        str(value): models.ValueMappingResult(text=state.text, color=state.color, index=index)
        for index, (value, state) in enumerate(panel.states.items())
    }
    return [models.ValueMap(options=results)] if results else []
