"""Arguments of the exporter components."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import pulumi

from manifests.charts import ChartSource
from preflight.namespaces import NamespaceOwnership
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
        namespaces: Ownership of each namespace of the stack by name.
        depends_on: Resources that must exist first.
    """

    settings: StackSettings
    chart: ChartSource
    priority_class: str
    namespaces: Mapping[str, NamespaceOwnership]
    depends_on: Sequence[pulumi.Resource] = ()


@dataclass(frozen=True, kw_only=True)
class ServerExporterArgs(ExporterArgs, Generic[ServerT]):
    """Arguments of an exporter that runs once per server.

    Attributes:
        server: Settings of the server that it monitors.
    """

    server: ServerT
