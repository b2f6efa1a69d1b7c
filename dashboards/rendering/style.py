"""The house style: a board as Grafana's classic dashboard schema, which is what its provisioning takes."""

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
from dashboards.model import Board, Limits, Panel, Signal, View, references
from dashboards.rendering.drilldown import panel_link
from dashboards.rendering.header import CHOSEN, TAG, choice, datasource, marks, siblings
from dashboards.rendering.header import environment as named
from dashboards.rendering.thresholds import steps
from dashboards.rendering.views import VIEWS

COLUMNS: Final = 24

# Grafana writes upon a colour so that it can be read in either theme; not each colour can be read as text.
_COLORED: Final = models.DynamicConfigValue("custom.cellOptions", {"type": "color-background", "mode": "basic"})
_FORMATS: Final = {View.TABLE: PromQueryFormat.TABLE, View.HEATMAP: PromQueryFormat.HEATMAP}


def draw(
    board: Board,
    *,
    boards: Mapping[str, Board],
    environment: str,
    tunables: Mapping[str, float],
    notes: Mapping[str, str],
) -> str:
    """A board of these boards, by uid, as compact JSON; `notes` are what a panel's description says beyond its own."""
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
        .variables([datasource(), named(environment), *map(choice, board.variables)])
        .annotations(list(marks(board)))
        .link(siblings())
        .build()
    )
    built.panels = list(_panels(board, boards, tunables, notes))
    # Otherwise links and marks are hidden in a menu; the library offers no way to say so.
    for link in built.links or []:
        link.placement = None  # type: ignore[assignment]
    for mark in (built.annotations and built.annotations.list_val) or []:
        mark.placement = None  # type: ignore[assignment]
    return json.dumps(json.loads(JSONEncoder(sort_keys=True).encode(built)), sort_keys=True, separators=(",", ":"))


def _panels(
    board: Board, boards: Mapping[str, Board], tunables: Mapping[str, float], notes: Mapping[str, str]
) -> Iterator[models.Panel | models.RowPanel]:
    """Headings and panels, placed line by line: what no longer fits beside the last one starts a new line."""
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
            drawn = _panel(panel, place, tunables, notes.get(panel.slug, ""))
            if (link := panel_link(panel, board, boards)) and drawn.field_config:
                drawn.field_config.defaults.links = [link]
            yield drawn
            left += panel.width
            tallest = max(tallest, panel.height)
        top += tallest


def _panel(panel: Panel, place: models.GridPos, tunables: Mapping[str, float], note: str) -> models.Panel:
    built = VIEWS[panel.view](panel)
    built.id_val = panel_id(panel.slug)
    built.title = panel.title
    built.description = f"{panel.description}\n\n{note}".strip()
    built.datasource = CHOSEN
    built.grid_pos = place
    built.targets = [_query(panel, reference, signal) for reference, signal in references(panel)]
    fields = built.field_config = built.field_config or models.FieldConfigSource()
    # Otherwise Grafana gives the unit to a label that looks like a number, too.
    fields.defaults.unit = units.String if panel.view is View.TABLE else panel.unit
    fields.defaults.decimals = panel.decimals
    fields.defaults.max_val = panel.highest
    fields.defaults.no_value = panel.nothing
    fields.defaults.thresholds = _thresholds(panel.limits, tunables)
    fields.defaults.mappings = _mappings(panel)
    fields.overrides = list(_overrides(panel, tunables))
    return built


def _query(panel: Panel, reference: str, signal: Signal) -> Dataquery:
    query = (
        prometheus.Dataquery().datasource(CHOSEN).expr(signal.expression).legend_format(signal.name).ref_id(reference)
    )
    if panel.view in _FORMATS:
        query = query.format(_FORMATS[panel.view])
    return (query.instant() if panel.view in (View.BARS, View.TABLE) else query.range()).build()


def _thresholds(limits: Limits | None, tunables: Mapping[str, float]) -> models.ThresholdsConfig:
    return models.ThresholdsConfig(
        mode=models.ThresholdsMode.ABSOLUTE,
        steps=[models.Threshold(value, color) for value, color in steps(limits, tunables)],
    )


def _overrides(panel: Panel, tunables: Mapping[str, float]) -> Iterator[models.DashboardFieldConfigSourceOverrides]:
    """What one signal has to itself: limits, and in a table a unit and the colour of its cells."""
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
