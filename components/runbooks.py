"""Runbooks of a stack, one ConfigMap per area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes import core, meta

TOKEN: Final = "monitoring:index:Runbooks"


@dataclass(frozen=True, kw_only=True)
class RunbooksArgs:
    """Arguments of the runbooks.

    Attributes:
        namespace: Namespace of the stack.
        runbooks: For each area, the text of each runbook by file name.
        depends_on: Resources that must exist first.
    """

    namespace: str
    runbooks: Mapping[str, Mapping[str, str]]
    depends_on: Sequence[pulumi.Resource] = ()


class Runbooks(pulumi.ComponentResource):
    """The runbooks, readable with kubectl when the Git server is down."""

    def __init__(self, name: str, args: RunbooksArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create one ConfigMap per area, so that a diff shows only changed areas."""
        super().__init__(TOKEN, name, None, opts)
        for area, texts in args.runbooks.items():
            core.v1.ConfigMap(
                f"runbooks-{area}",
                metadata=meta.v1.ObjectMetaArgs(name=f"runbooks-{area}", namespace=args.namespace),
                data=texts,
                opts=pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
            )
        self.register_outputs({})
