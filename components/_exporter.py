"""Arguments of the exporters' components."""

from collections.abc import Sequence
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
        settings: The stack's settings, with those of the exporter in the field that its registry row names.
        chart: Where its chart is.
        priority_class: The priority class of its pods.
        depends_on: What must exist first.
    """

    settings: StackSettings
    chart: ChartSource
    priority_class: str
    depends_on: Sequence[pulumi.Resource] = ()


@dataclass(frozen=True, kw_only=True)
class ServerExporterArgs(ExporterArgs, Generic[ServerT]):
    """Arguments of an exporter that runs once per server.

    Attributes:
        server: The settings of the server that it watches.
    """

    server: ServerT
