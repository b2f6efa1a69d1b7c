"""What stands above a board's panels: choices, links to the other boards, and the marks of events in time."""

from collections.abc import Iterator
from typing import Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models

from common.grafana import PROMETHEUS_DATA_SOURCE
from dashboards.model import Board, Color, Variable

# The board starts with the stack's own; the variable lets a reader choose another.
CHOSEN: Final = common.DataSourceRef(type_val="prometheus", uid="${datasource}")
TAG: Final = "bais"
_COLORS: Final = {"critical": Color.CRITICAL, "warning": Color.WARNING}


def datasource() -> builders.DatasourceVariable:
    """The choice of the data source; it starts with the stack's own."""
    chosen = models.VariableOption(selected=True, text="Prometheus", value=PROMETHEUS_DATA_SOURCE)
    return builders.DatasourceVariable("datasource").label("Data source").type("prometheus").current(chosen)


def environment(name: str) -> builders.CustomVariable:
    """The stack's environment, as the only choice: it tells a reader whose board this is."""
    only = models.VariableOption(selected=True, text=name, value=name)
    named = builders.CustomVariable("environment").label("Environment").values(name).options([only]).current(only)
    # A link from another stack's board would otherwise bring that stack's name along.
    return named.allow_custom_value(False)


def choice(variable: Variable) -> builders.QueryVariable:
    """The choice of some or all values of a label."""
    return (
        builders.QueryVariable(variable.name)
        .label(variable.label)
        .datasource(CHOSEN)
        .query(variable.query)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        # Not `.+`: a series without the label would be lost.
        .all_value(".*")
        .current(models.VariableOption(selected=True, text="All", value="$__all"))
    )


def marks(board: Board) -> Iterator[builders.AnnotationQuery]:
    """When alerts fired, and when something was rolled out: a new ReplicaSet is a rollout, a scaled one is not."""
    areas = "|".join(board.areas)
    for severity, color in _COLORS.items():
        # One mark for all of a severity: Grafana lays them over each other, and twenty would hide what they are about.
        firing = f'ALERTS{{alertstate="firing", severity="{severity}", area=~"{areas}"}}'
        yield (
            builders.AnnotationQuery()
            .name(f"Firing: {severity}")
            .datasource(CHOSEN)
            .enable(True)
            .icon_color(color)
            .expr(f"max by (severity) ({firing})")
            .title_format(f"At least one {severity} alert fires")
        )
    if board.rollouts:
        yield (
            builders.AnnotationQuery()
            .name("Rollouts")
            .datasource(CHOSEN)
            .enable(True)
            .icon_color("blue")
            .expr('max by (namespace, replicaset) (kube_replicaset_created{namespace=~"$namespace"}) * 1000')
            .use_value_for_time(True)
            .title_format("{{replicaset}}")
        )


def siblings() -> builders.DashboardLink:
    """The way to the other boards, with the same time range and choices."""
    return (
        builders.DashboardLink("BAIS boards")
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True)
    )
