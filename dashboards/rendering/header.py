"""Variables, dashboard links and annotations of a board."""

from collections.abc import Iterator
from typing import Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models

from common.grafana import PROMETHEUS_DATA_SOURCE
from dashboards.model import Board, Color, Variable

# The selected data source; the default is the stack's own.
DATASOURCE: Final = common.DataSourceRef(type_val="prometheus", uid="${datasource}")
TAG: Final = "bais"
_COLORS: Final = {"critical": Color.CRITICAL, "warning": Color.WARNING}


def datasource_variable() -> builders.DatasourceVariable:
    """Return the data source variable; the default is the stack's own."""
    default = models.VariableOption(selected=True, text="Prometheus", value=PROMETHEUS_DATA_SOURCE)
    return builders.DatasourceVariable("datasource").label("Data source").type("prometheus").current(default)


def environment_variable(name: str) -> builders.CustomVariable:
    """Return a variable with the stack's environment as its only value, to identify the stack."""
    only = models.VariableOption(selected=True, text=name, value=name)
    variable = builders.CustomVariable("environment").label("Environment").values(name).options([only]).current(only)
    # Otherwise a link from another stack's board would set that stack's name.
    return variable.allow_custom_value(False)


def query_variable(variable: Variable) -> builders.QueryVariable:
    """Return a multi-value variable with the values of a label."""
    return (
        builders.QueryVariable(variable.name)
        .label(variable.label)
        .datasource(DATASOURCE)
        .query(variable.query)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        # Not `.+`, which drops series without the label.
        .all_value(".*")
        .current(models.VariableOption(selected=True, text="All", value="$__all"))
    )


def annotations(board: Board) -> Iterator[builders.AnnotationQuery]:
    """Yield the annotations, a single mark each: the start of alerts per severity and, if enabled, rollouts.

    Periods would shade the charts. Warnings are off until a reader selects them.
    """
    areas = "|".join(board.areas)
    for severity, color in _COLORS.items():
        firing = f'ALERTS{{alertstate="firing", severity="{severity}", area=~"{areas}"}}'
        # The value is the time at which the condition of an alert became true, in seconds.
        started = f"max by (alertname) (ALERTS_FOR_STATE and ignoring (alertstate) {firing})"
        yield (
            builders.AnnotationQuery()
            .name(f"Start of {severity} alerts")
            .datasource(DATASOURCE)
            .enable(severity == "critical")
            .icon_color(color)
            .expr(_within_range(started))
            .use_value_for_time(True)
            .title_format("{{alertname}}")
        )
    if board.rollouts:
        # A new ReplicaSet is a rollout.
        created = 'max by (namespace, replicaset) (kube_replicaset_created{namespace=~"$namespace"})'
        yield (
            builders.AnnotationQuery()
            .name("Rollouts")
            .datasource(DATASOURCE)
            .enable(True)
            .icon_color(Color.NEUTRAL)
            .expr(_within_range(created))
            .use_value_for_time(True)
            .title_format("{{replicaset}}")
        )


def _within_range(seconds: str) -> str:
    """Return the times in milliseconds that are within the dashboard's time range."""
    return f"{seconds} * 1000 >= ${{__from}} <= ${{__to}}"


def dashboard_links() -> builders.DashboardLink:
    """Return the links to the other dashboards, with the same time range and variables."""
    return (
        builders.DashboardLink("BAIS dashboards")
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True)
    )
