"""Default options of each panel type."""

from collections.abc import Callable, Mapping
from typing import Final

from grafana_foundation_sdk.builders import bargauge, heatmap, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import common as builders
from grafana_foundation_sdk.models import common, units
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import heatmap as heatmaps

from dashboards.model import Panel, View, signals_by_ref_id

# Minimum width, in columns, of a legend with three numbers; minimum upper end of the axis of a share.
_MIN_WIDE_LEGEND: Final = 6
_MIN_SHARE_AXIS: Final = 0.01


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
    built = (
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
        built = built.min(panel.lowest)
    # Where all values are 0, Grafana's axis otherwise ends at 10000 %.
    if panel.unit == units.PercentUnit and panel.highest is None:
        built = built.axis_soft_max(_MIN_SHARE_AXIS)
    return built.build()


def _calculations(panel: Panel) -> list[str]:
    """Return the calculations in the legend; a narrow panel has room for one only."""
    if panel.width < _MIN_WIDE_LEGEND:
        return ["lastNotNull"]
    return ["mean", "max", "lastNotNull"]


def _value(panel: Panel) -> models.Panel:
    colored = panel.limits or panel.states
    color = common.BigValueColorMode.BACKGROUND if colored else common.BigValueColorMode.VALUE
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
        # Otherwise a single bar fills the panel, with its name in letters of that size.
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
    """Return a table with one row per set of labels, the worst by the first signal on top."""
    first = panel.signals[0].name
    limits = panel.limits_by_signal[0] if panel.limits_by_signal else panel.limits
    worst_first = builders.TableSortByFieldState().display_name(first).desc(not (limits and limits.worse_below))
    # Several queries return several tables, which must be merged.
    merge = [models.DataTransformerConfig(id_val="merge", options={})] if len(panel.signals) > 1 else []
    return (
        table.Panel()
        .show_header(True)
        # Grafana's default minimum would push the last columns out of the panel.
        .min_width(70)
        .sort_by([worst_first])
        .transformations([*merge, models.DataTransformerConfig(id_val="organize", options=_columns(panel))])
        .build()
    )


def _columns(panel: Panel) -> dict[str, object]:
    """Return the order of the columns and their names; by default Grafana names them after queries."""
    several = len(panel.signals) > 1
    values = {f"Value #{letter}" if several else "Value": signal.name for letter, signal in signals_by_ref_id(panel)}
    return {
        "excludeByName": {"Time": True},
        "indexByName": {name: place for place, name in enumerate([*panel.labels, *values])},
        "renameByName": values,
    }


def _heatmap(_panel: Panel) -> models.Panel:
    """Return a heatmap of a histogram over time; all histograms of the metrics contract are in seconds."""
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
