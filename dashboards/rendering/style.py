"""Rendering of a board as JSON in Grafana's classic dashboard schema, for provisioning."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import Dataquery, PromQueryFormat

from catalogue.panel_links import panel_id
from dashboards.model import Board, Panel, Signal, View, signals_by_ref_id
from dashboards.rendering.alert_rows import link_alert_rows
from dashboards.rendering.drilldown import panel_link
from dashboards.rendering.fields import configure_fields
from dashboards.rendering.header import (
    DATASOURCE,
    TAG,
    annotations,
    dashboard_links,
    datasource_variable,
    environment_variable,
    query_variable,
)
from dashboards.rendering.layout import place_rows
from dashboards.rendering.limits import limit_queries
from dashboards.rendering.panel_alerts import BoardAlert
from dashboards.rendering.views import VIEWS
from dashboards.signals.freshness import only_if_fresh

_FORMATS: Final = {View.TABLE: PromQueryFormat.TABLE, View.HEATMAP: PromQueryFormat.HEATMAP}
# Views of the present. Their queries return one value per series, at the end of the time range.
_INSTANT: Final = (View.VALUE, View.BARS, View.TABLE)


def render_board(
    board: Board,
    *,
    boards: Mapping[str, Board],
    environment: str,
    tunables: Mapping[str, float],
    notes: Mapping[str, str],
    alerts: Sequence[BoardAlert] = (),
) -> str:
    """Return a board as compact JSON.

    `boards` are all boards of the stack by uid, for links. `notes`, by slug, are appended to panel descriptions.
    `alerts` are those of the stack, for links to their runbooks and panels.
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

    def render(panel: Panel, title: str) -> models.Panel:
        rendered = _panel(panel, title, tunables, notes.get(panel.slug, ""))
        if (link := panel_link(panel, board, boards)) and rendered.field_config:
            rendered.field_config.defaults.links = [link]
        if panel.lists_alerts:
            link_alert_rows(rendered, alerts, boards)
        return rendered

    built.panels = list(place_rows(board, render))
    # Otherwise Grafana hides links and annotations in a menu; the library has no option for this.
    for link in built.links or []:
        link.placement = None  # type: ignore[assignment]
    for annotation in (built.annotations and built.annotations.list_val) or []:
        annotation.placement = None  # type: ignore[assignment]
    return json.dumps(json.loads(JSONEncoder(sort_keys=True).encode(built)), sort_keys=True, separators=(",", ":"))


def _panel(panel: Panel, title: str, tunables: Mapping[str, float], note: str) -> models.Panel:
    built = VIEWS[panel.view](panel)
    built.id_val = panel_id(panel.slug)
    built.title = title
    built.description = f"{panel.description}\n\n{note}".strip()
    built.datasource = DATASOURCE
    built.targets = list(_queries(panel, title, tunables))
    built.field_config = built.field_config or models.FieldConfigSource()
    configure_fields(panel, built.field_config, tunables)
    if panel.view is View.BARS:
        # Otherwise Grafana drops the name of a single bar.
        built.field_config.defaults.display_name = _display_name(_legend(panel, title, panel.signals[0]))
    return built


def _queries(panel: Panel, title: str, tunables: Mapping[str, float]) -> Iterator[Dataquery]:
    for reference, signal in signals_by_ref_id(panel):
        expression = signal.expression
        if panel.is_judged and panel.view in _INSTANT and not panel.valid_when_stale:
            expression = only_if_fresh(expression)
        yield _query(panel, reference, _legend(panel, title, signal), expression)
    for reference, name, expression in limit_queries(panel, tunables):
        yield _query(panel, reference, name, expression)


def _legend(panel: Panel, title: str, signal: Signal) -> str:
    """Return the legend of a signal; that of a panel's only series is the panel's title."""
    only = len(panel.signals) == 1 and not signal.labels and panel.view is not View.TABLE
    return title if only else signal.name


def _display_name(legend: str) -> str:
    """Return a legend in the notation of display names: `{{node}}` becomes `${__field.labels.node}`."""
    return legend.replace("{{", "${__field.labels.").replace("}}", "}")


def _query(panel: Panel, reference: str, legend: str, expression: str) -> Dataquery:
    query = prometheus.Dataquery().datasource(DATASOURCE).expr(expression).legend_format(legend).ref_id(reference)
    if panel.view in _FORMATS:
        query = query.format(_FORMATS[panel.view])
    return (query.instant() if panel.view in _INSTANT else query.range()).build()
