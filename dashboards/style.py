"""The house style: how a board, its panels and its variables look in Grafana, as its classic dashboard schema."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from grafana_foundation_sdk.builders import bargauge, prometheus, stat, statetimeline, timeseries
from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import Dataquery

from dashboards.limits import steps
from dashboards.model import Board, Panel, Signal, Variable, View
from rules.panels import panel_id

# The uid of the data source that a board starts with; the variable lets a reader choose another.
DATASOURCE: Final = "prometheus"
TAG: Final = "bais"
COLUMNS: Final = 24

_CHOSEN: Final = common.DataSourceRef(type_val="prometheus", uid="${datasource}")
_REFERENCES: Final = "ABCDEFGH"


def references(panel: Panel) -> Iterator[tuple[str, Signal]]:
    """Each signal of a panel under the letter that Grafana calls its query by."""
    return zip(_REFERENCES, panel.signals, strict=False)


def draw(board: Board, tunables: Mapping[str, float], notes: Mapping[str, str]) -> str:
    """A board as compact JSON; `notes` are what a panel's description says beyond its own, by slug."""
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
        .variables([_datasource(), *map(_variable, board.variables)])
        .annotations(list(_annotations(board)))
        .link(_siblings())
        .build()
    )
    built.panels = list(_panels(board, tunables, notes))
    # Otherwise links and marks are hidden in a menu; the library offers no way to say so.
    for link in built.links or []:
        link.placement = None  # type: ignore[assignment]
    for mark in (built.annotations and built.annotations.list_val) or []:
        mark.placement = None  # type: ignore[assignment]
    return json.dumps(json.loads(JSONEncoder(sort_keys=True).encode(built)), sort_keys=True, separators=(",", ":"))


def _panels(
    board: Board, tunables: Mapping[str, float], notes: Mapping[str, str]
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
            yield _panel(panel, place, tunables, notes.get(panel.slug, ""))
            left += panel.width
            tallest = max(tallest, panel.height)
        top += tallest


def _panel(panel: Panel, place: models.GridPos, tunables: Mapping[str, float], note: str) -> models.Panel:
    built = _VIEWS[panel.view](panel)
    built.id_val = panel_id(panel.slug)
    built.title = panel.title
    built.description = f"{panel.description}\n\n{note}".strip()
    built.datasource = _CHOSEN
    built.grid_pos = place
    built.targets = [_query(panel, reference, signal) for reference, signal in references(panel)]
    fields = built.field_config = built.field_config or models.FieldConfigSource()
    fields.defaults.unit = panel.unit
    fields.defaults.decimals = panel.decimals
    fields.defaults.max_val = panel.highest
    fields.defaults.thresholds = models.ThresholdsConfig(
        mode=models.ThresholdsMode.ABSOLUTE,
        steps=[models.Threshold(value, color) for value, color in steps(panel.limits, tunables)],
    )
    fields.defaults.mappings = _mappings(panel)
    if panel.opens:
        fields.defaults.links = [_detail(panel.opens)]
    return built


def _trend(panel: Panel) -> models.Panel:
    legend = (
        common_builders.VizLegendOptions()
        .show_legend(True)
        .display_mode(common.LegendDisplayMode.TABLE)
        .placement(common.LegendPlacement.BOTTOM)
        .calcs(["mean", "max", "lastNotNull"])
    )
    tooltip = common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI)
    line = common.GraphThresholdsStyleMode.DASHED if panel.limits else common.GraphThresholdsStyleMode.OFF
    stacking = common.StackingMode.NORMAL if panel.stacked else common.StackingMode.NONE
    return (
        timeseries.Panel()
        .min(0)
        .line_width(1)
        .fill_opacity(30 if panel.stacked else 10)
        .show_points(common.VisibilityMode.NEVER)
        .stacking(common_builders.StackingConfig().mode(stacking))
        .thresholds_style(common_builders.GraphThresholdsStyleConfig().mode(line))
        .legend(legend)
        .tooltip(tooltip.sort(common.SortOrder.DESCENDING))
        .build()
    )


def _value(panel: Panel) -> models.Panel:
    judged = panel.limits or panel.states
    color = common.BigValueColorMode.BACKGROUND if judged else common.BigValueColorMode.VALUE
    return (
        stat.Panel()
        .reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]))
        .color_mode(color)
        .graph_mode(common.BigValueGraphMode.NONE if panel.states else common.BigValueGraphMode.AREA)
        .build()
    )


def _bars(_panel: Panel) -> models.Panel:
    return (
        bargauge.Panel()
        .reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]))
        .orientation(common.VizOrientation.HORIZONTAL)
        .display_mode(common.BarGaugeDisplayMode.BASIC)
        .min(0)
        .build()
    )


def _states(_panel: Panel) -> models.Panel:
    return (
        statetimeline.Panel()
        .show_value(common.VisibilityMode.AUTO)
        .merge_values(True)
        .fill_opacity(80)
        .legend(common_builders.VizLegendOptions().show_legend(False).display_mode(common.LegendDisplayMode.LIST))
        .build()
    )


_VIEWS: Final = {View.TREND: _trend, View.VALUE: _value, View.BARS: _bars, View.STATES: _states}


def _query(panel: Panel, reference: str, signal: Signal) -> Dataquery:
    query = (
        prometheus.Dataquery().datasource(_CHOSEN).expr(signal.expression).legend_format(signal.name).ref_id(reference)
    )
    return (query.instant() if panel.view is View.BARS else query.range()).build()


def _mappings(panel: Panel) -> list[models.ValueMapping]:
    results = {
        str(value): models.ValueMappingResult(text=state.text, color=state.color, index=index)
        for index, (value, state) in enumerate(panel.states.items())
    }
    return [models.ValueMap(options=results)] if results else []


def _datasource() -> builders.DatasourceVariable:
    chosen = models.VariableOption(selected=True, text="Prometheus", value=DATASOURCE)
    return builders.DatasourceVariable("datasource").label("Data source").type("prometheus").current(chosen)


def _variable(variable: Variable) -> builders.QueryVariable:
    return (
        builders.QueryVariable(variable.name)
        .label(variable.label)
        .datasource(_CHOSEN)
        .query(variable.query)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        # Not `.+`: a series without the label would be lost.
        .all_value(".*")
        .current(models.VariableOption(selected=True, text="All", value="$__all"))
    )


def _annotations(board: Board) -> Iterator[builders.AnnotationQuery]:
    """When alerts fired, and when something was rolled out: a new ReplicaSet is a rollout, a scaled one is not."""
    areas = "|".join(board.areas)
    yield (
        builders.AnnotationQuery()
        .name("Firing alerts")
        .datasource(_CHOSEN)
        .enable(True)
        .icon_color("red")
        .expr(f'ALERTS{{alertstate="firing", severity!="none", area=~"{areas}"}}')
        .title_format("{{alertname}}")
        .text_format("{{severity}} {{service}}")
    )
    if board.rollouts:
        yield (
            builders.AnnotationQuery()
            .name("Rollouts")
            .datasource(_CHOSEN)
            .enable(True)
            .icon_color("blue")
            .expr('max by (namespace, replicaset) (kube_replicaset_created{namespace=~"$namespace"}) * 1000')
            .use_value_for_time(True)
            .title_format("{{replicaset}}")
        )


def _siblings() -> builders.DashboardLink:
    return (
        builders.DashboardLink("BAIS boards")
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True)
    )


def _detail(uid: str) -> models.DashboardLink:
    return (
        builders.DashboardLink("More on this")
        .type(models.DashboardLinkType.LINK)
        .url(f"/d/{uid}?${{__url_time_range}}&${{__all_variables}}")
        .build()
    )
