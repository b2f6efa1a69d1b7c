"""Arguments of the exporter components."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import pulumi

from manifests.charts import ChartSource
from settings.databases import DatabaseSettings
from settings.stack import StackSettings

ServerT = TypeVar("ServerT", bound=DatabaseSettings)


@dataclass(frozen=True, kw_only=True)
class ExporterArgs:
    """Arguments of every exporter.

    Attributes:
        settings: Settings of the stack; the exporter's own are in the field that its registry row names.
        chart: Source of the Helm chart.
        priority_class: Priority class of the pods.
        adopted_namespaces: Namespaces that existed before the stack.
        depends_on: Resources that must exist first.
    """

    settings: StackSettings
    chart: ChartSource
    priority_class: str
    adopted_namespaces: Collection[str]
    depends_on: Sequence[pulumi.Resource] = ()


@dataclass(frozen=True, kw_only=True)
class ServerExporterArgs(ExporterArgs, Generic[ServerT]):
    """Arguments of an exporter that runs once per server.

    Attributes:
        server: Settings of the server that it monitors.
    """

    server: ServerT
