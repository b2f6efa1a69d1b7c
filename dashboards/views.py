"""The house style of each kind of drawing."""

from collections.abc import Callable, Mapping
from typing import Final

from grafana_foundation_sdk.builders import bargauge, heatmap, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import common as builders
from grafana_foundation_sdk.models import common, units
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import heatmap as heatmaps

from dashboards.model import Panel, View, references


def _trend(panel: Panel) -> models.Panel:
    legend = (
        builders.VizLegendOptions()
        .show_legend(True)
        .display_mode(common.LegendDisplayMode.TABLE)
        .placement(common.LegendPlacement.BOTTOM)
        .calcs(["mean", "max", "lastNotNull"])
    )
    tooltip = builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI)
    line = common.GraphThresholdsStyleMode.DASHED if panel.limits else common.GraphThresholdsStyleMode.OFF
    stacking = common.StackingMode.NORMAL if panel.stacked else common.StackingMode.NONE
    return (
        timeseries.Panel()
        .min(0)
        .line_width(1)
        .fill_opacity(30 if panel.stacked else 10)
        .show_points(common.VisibilityMode.NEVER)
        .stacking(builders.StackingConfig().mode(stacking))
        .thresholds_style(builders.GraphThresholdsStyleConfig().mode(line))
        .legend(legend)
        .tooltip(tooltip.sort(common.SortOrder.DESCENDING))
        .build()
    )


def _value(panel: Panel) -> models.Panel:
    judged = panel.limits or panel.states
    color = common.BigValueColorMode.BACKGROUND if judged else common.BigValueColorMode.VALUE
    return (
        stat.Panel()
        .reduce_options(builders.ReduceDataOptions().calcs(["lastNotNull"]))
        .color_mode(color)
        .graph_mode(common.BigValueGraphMode.NONE if panel.states else common.BigValueGraphMode.AREA)
        .build()
    )


def _bars(_panel: Panel) -> models.Panel:
    return (
        bargauge.Panel()
        .reduce_options(builders.ReduceDataOptions().calcs(["lastNotNull"]))
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
        .legend(builders.VizLegendOptions().show_legend(False).display_mode(common.LegendDisplayMode.LIST))
        .build()
    )


def _table(panel: Panel) -> models.Panel:
    """A row for each set of labels, the worst by the first signal on top."""
    first = panel.signals[0].name
    limits = panel.limits_by_signal[0] if panel.limits_by_signal else panel.limits
    worst_first = builders.TableSortByFieldState().display_name(first).desc(not (limits and limits.worse_below))
    # Several queries are several tables, until they are one.
    merge = [models.DataTransformerConfig(id_val="merge", options={})] if len(panel.signals) > 1 else []
    return (
        table.Panel()
        .show_header(True)
        .sort_by([worst_first])
        .transformations([*merge, models.DataTransformerConfig(id_val="organize", options=_columns(panel))])
        .build()
    )


def _columns(panel: Panel) -> dict[str, object]:
    """The table's columns in their order and under the names of the signals; Grafana calls them by their queries."""
    several = len(panel.signals) > 1
    values = {f"Value #{letter}" if several else "Value": signal.name for letter, signal in references(panel)}
    return {
        "excludeByName": {"Time": True},
        "indexByName": {name: place for place, name in enumerate([*panel.labels, *values])},
        "renameByName": values,
    }


def _heatmap(_panel: Panel) -> models.Panel:
    """A histogram over time. Its buckets are seconds, as all histograms of the contract are."""
    colors = heatmap.HeatmapColorOptions().mode(heatmaps.HeatmapColorMode.SCHEME).scheme("Oranges").steps(64)
    return (
        heatmap.Panel()
        .calculate(False)
        .color(colors)
        .y_axis(heatmap.YAxisConfig().unit(units.Seconds).axis_placement(common.AxisPlacement.LEFT))
        .tooltip(heatmap.HeatmapTooltip().mode(common.TooltipDisplayMode.SINGLE).y_histogram(True))
        .show_legend()
        .build()
    )


VIEWS: Final[Mapping[View, Callable[[Panel], models.Panel]]] = {
    View.TREND: _trend,
    View.VALUE: _value,
    View.BARS: _bars,
    View.STATES: _states,
    View.TABLE: _table,
    View.HEATMAP: _heatmap,
}
