"""Dashboards: one ConfigMap per board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes import core, meta

from common.grafana import DASHBOARD_LABEL, FOLDER_ANNOTATION

TOKEN: Final = "monitoring:index:Dashboards"

FOLDER: Final = "BAIS"


@dataclass(frozen=True, kw_only=True)
class DashboardsArgs:
    """Arguments of the dashboards.

    Attributes:
        namespace: Namespace of the stack.
        boards: JSON of each board by uid.
        grafana_url: URL under which people open Grafana.
        depends_on: Resources that must exist first.
    """

    namespace: str
    boards: Mapping[str, str]
    grafana_url: str
    depends_on: Sequence[pulumi.Resource] = ()


class Dashboards(pulumi.ComponentResource):
    """The boards in Grafana's folder.

    Attributes:
        urls: URL of each board by uid.
    """

    urls: dict[str, str]

    def __init__(self, name: str, args: DashboardsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create one ConfigMap per board, so that a diff shows only changed boards."""
        super().__init__(TOKEN, name, None, opts)
        for uid, board in args.boards.items():
            core.v1.ConfigMap(
                f"dashboard-{uid}",
                metadata=meta.v1.ObjectMetaArgs(
                    name=f"dashboard-{uid}",
                    namespace=args.namespace,
                    labels=DASHBOARD_LABEL,
                    annotations={FOLDER_ANNOTATION: FOLDER},
                ),
                # The file name must be unique, too: the sidecar writes all files to one folder.
                data={f"{uid}.json": board},
                opts=pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
            )
        self.urls = {uid: f"{args.grafana_url.rstrip('/')}/d/{uid}" for uid in args.boards}
        self.register_outputs({"urls": self.urls})
