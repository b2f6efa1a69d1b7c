"""The house style of each kind of drawing."""

from collections.abc import Callable, Mapping
from typing import Final

from grafana_foundation_sdk.builders import bargauge, stat, statetimeline, timeseries
from grafana_foundation_sdk.builders import common as builders
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models

from dashboards.model import Panel, View


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


VIEWS: Final[Mapping[View, Callable[[Panel], models.Panel]]] = {
    View.TREND: _trend,
    View.VALUE: _value,
    View.BARS: _bars,
    View.STATES: _states,
}
