"""Default options of each panel type."""

from collections.abc import Callable, Mapping
from typing import Final

from grafana_foundation_sdk.builders import bargauge, heatmap, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import common as builders
from grafana_foundation_sdk.builders import dashboard as dashboards
from grafana_foundation_sdk.models import common, units
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import heatmap as heatmaps

from dashboards.model import Panel, View
from dashboards.rendering.columns import columns, heading

# Minimum widths, in columns, of a legend with two and with three numbers.
_MIN_TWO_NUMBERS: Final = 6
_MIN_THREE_NUMBERS: Final = 12
# Minimum upper end of the axis: where all values are 0, Grafana's axis otherwise ends at 100, or at 10000 %.
_MIN_AXIS: Final = 1
_MIN_SHARE_AXIS: Final = 0.01
_MIN_SECONDS_AXIS: Final = 0.1
# The present only; Grafana's default would search the whole time range for a value.
_PRESENT: Final = ("last",)
_LAST: Final = "Last"


def _trend(panel: Panel) -> models.Panel:
    worse_below = panel.limits is not None and panel.limits.worse_below
    legend = (
        builders.VizLegendOptions()
        .show_legend(True)
        .display_mode(common.LegendDisplayMode.TABLE)
        .placement(common.LegendPlacement.BOTTOM)
        .calcs(_calculations(panel.width, worse_below=worse_below))
        # The worst is on top, so that a short panel hides only better ones.
        .sort_by(_LAST)
        .sort_desc(not worse_below)
    )
    tooltip = builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI)
    stacking = common.StackingMode.NORMAL if panel.stacked else common.StackingMode.NONE
    built = (
        timeseries.Panel()
        .line_width(1)
        .fill_opacity(30 if panel.stacked else 0)
        .show_points(common.VisibilityMode.NEVER)
        .stacking(builders.StackingConfig().mode(stacking))
        .thresholds_style(builders.GraphThresholdsStyleConfig().mode(_limit_style(panel)))
        .legend(legend)
        .tooltip(tooltip.sort(common.SortOrder.ASCENDING if worse_below else common.SortOrder.DESCENDING))
    )
    if panel.limits:
        # A line changes its colour where it crosses a limit.
        built = built.color_scheme(dashboards.FieldColor().mode(models.FieldColorModeId.THRESHOLDS)).gradient_mode(
            common.GraphGradientMode.SCHEME
        )
    if panel.lowest is not None:
        built = built.min(panel.lowest)
    if panel.highest is None:
        smallest = {units.PercentUnit: _MIN_SHARE_AXIS, units.Seconds: _MIN_SECONDS_AXIS}
        built = built.axis_soft_max(smallest.get(panel.unit, _MIN_AXIS))
    return built.build()


def _limit_style(panel: Panel) -> common.GraphThresholdsStyleMode:
    """Return the style of limits; limits of a value that is worse when lower are series of their own."""
    if panel.limits is None or panel.limits.worse_below:
        return common.GraphThresholdsStyleMode.OFF
    return common.GraphThresholdsStyleMode.DASHED


def _calculations(width: int, *, worse_below: bool) -> list[str]:
    """Return the calculations in the legend, as many as the panel's width has room for.

    `last` is empty for a series that has ended; `lastNotNull` would show its last value as the current one.
    """
    worst = "min" if worse_below else "max"
    if width < _MIN_TWO_NUMBERS:
        return ["last"]
    return [worst, "last"] if width < _MIN_THREE_NUMBERS else ["mean", worst, "last"]


def _value(panel: Panel) -> models.Panel:
    color = common.BigValueColorMode.BACKGROUND if panel.is_judged else common.BigValueColorMode.VALUE
    named = any(signal.labels for signal in panel.signals) or len(panel.signals) > 1
    # Otherwise Grafana drops the name where there is only one value.
    text = common.BigValueTextMode.VALUE_AND_NAME if named else common.BigValueTextMode.VALUE
    return (
        stat.Panel()
        .reduce_options(builders.ReduceDataOptions().calcs(list(_PRESENT)))
        .color_mode(color)
        .graph_mode(common.BigValueGraphMode.NONE)
        .text_mode(text)
        .build()
    )


def _bars(_panel: Panel) -> models.Panel:
    return (
        bargauge.Panel()
        .reduce_options(builders.ReduceDataOptions().calcs(list(_PRESENT)))
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
    limits = panel.limits_by_signal[0] if panel.limits_by_signal else panel.limits
    order = [(heading(panel.signals[0].name), not (limits and limits.worse_below))]
    if panel.states:
        # "critical" is before "warning" in the alphabet too.
        order.insert(0, (heading(panel.labels[0]), False))
    worst_first = [builders.TableSortByFieldState().display_name(name).desc(descending) for name, descending in order]
    # Several queries return several tables, which must be merged.
    merge = [models.DataTransformerConfig(id_val="merge", options={})] if len(panel.signals) > 1 else []
    return (
        table.Panel()
        .show_header(True)
        # Grafana's default minimum would push the last columns out of the panel.
        .min_width(70)
        .sort_by([*worst_first])
        .transformations([*merge, models.DataTransformerConfig(id_val="organize", options=columns(panel))])
        .build()
    )


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
