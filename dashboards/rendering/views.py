"""The house style of each kind of drawing."""

from collections.abc import Callable, Mapping
from typing import Final

from grafana_foundation_sdk.builders import bargauge, heatmap, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import common as builders
from grafana_foundation_sdk.models import common, units
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import heatmap as heatmaps

from dashboards.model import Panel, View, references

# From how many columns on a legend has room for three numbers, and how far the axis of a share reaches at least.
_WIDE: Final = 6
_LITTLE: Final = 0.01


def _trend(panel: Panel) -> models.Panel:
    legend = (
        builders.VizLegendOptions()
        .show_legend(True)
        .display_mode(common.LegendDisplayMode.TABLE)
        .placement(common.LegendPlacement.BOTTOM)
        .calcs(_calculations(panel))
    )
    tooltip = builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI)
    line = common.GraphThresholdsStyleMode.DASHED if panel.limits else common.GraphThresholdsStyleMode.OFF
    stacking = common.StackingMode.NORMAL if panel.stacked else common.StackingMode.NONE
    drawn = (
        timeseries.Panel()
        .line_width(1)
        .fill_opacity(30 if panel.stacked else 10)
        .show_points(common.VisibilityMode.NEVER)
        .stacking(builders.StackingConfig().mode(stacking))
        .thresholds_style(builders.GraphThresholdsStyleConfig().mode(line))
        .legend(legend)
        .tooltip(tooltip.sort(common.SortOrder.DESCENDING))
    )
    if panel.lowest is not None:
        drawn = drawn.min(panel.lowest)
    # Where all values are 0, Grafana's axis ends at 100 times the unit: 10000 %.
    if panel.unit == units.PercentUnit and panel.highest is None:
        drawn = drawn.axis_soft_max(_LITTLE)
    return drawn.build()


def _calculations(panel: Panel) -> list[str]:
    """What the legend says of each series: no more than leaves room for its name."""
    if panel.width < _WIDE:
        return ["lastNotNull"]
    return ["mean", "max", "lastNotNull"]


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
        # Otherwise a single bar fills the panel, its name in letters as large.
        .max_viz_height(60)
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
        # A column of numbers needs no more; Grafana would push the last ones out of the panel.
        .min_width(70)
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
