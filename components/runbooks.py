"""The runbooks as they hold in this stack, one object for each area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes import core, meta

TOKEN: Final = "monitoring:index:Runbooks"


@dataclass(frozen=True, kw_only=True)
class RunbooksArgs:
    """Each area's runbooks as text by file name, and what must exist first."""

    namespace: str
    runbooks: Mapping[str, Mapping[str, str]]
    depends_on: Sequence[pulumi.Resource] = ()


class Runbooks(pulumi.ComponentResource):
    """The runbooks inside the cluster, to be read with kubectl when the host of the Git repository is down."""

    def __init__(self, name: str, args: RunbooksArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create one ConfigMap an area, so that a changed limit shows as a change of its area only."""
        super().__init__(TOKEN, name, None, opts)
        for area, texts in args.runbooks.items():
            core.v1.ConfigMap(
                f"runbooks-{area}",
                metadata=meta.v1.ObjectMetaArgs(name=f"runbooks-{area}", namespace=args.namespace),
                data=texts,
                opts=pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
            )
        self.register_outputs({})
