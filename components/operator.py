"""Prometheus Operator: runs Prometheus and Alertmanager from custom resources, with roles of this project."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes import meta, rbac

from common.labels import ownership_labels
from components._helm_release import helm_release
from manifests.charts import ChartSource
from manifests.cluster_objects import operator_name
from manifests.operator import operator_values
from manifests.operator_roles import OperatorRole, operator_roles
from settings.stack import StackSettings

TOKEN: Final = "monitoring:index:Operator"


@dataclass(frozen=True, kw_only=True)
class OperatorArgs:
    """Arguments of the operator.

    Attributes:
        chart: Source of the Helm chart.
        settings: Settings of the stack.
        namespace: Resources that must exist before the roles.
        depends_on: Resources that must exist before the operator.
    """

    chart: ChartSource
    settings: StackSettings
    namespace: Sequence[pulumi.Resource] = ()
    depends_on: Sequence[pulumi.Resource] = ()


class Operator(pulumi.ComponentResource):
    """The operator and the monitors of the cluster's own targets."""

    def __init__(self, name: str, args: OperatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the roles, and release the chart without the parts that this project creates itself."""
        super().__init__(TOKEN, name, None, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=args.namespace)
        # Before the operator, which decides at its start what it can do.
        bindings = [self._bind(name, role, args.settings, child) for role in operator_roles(args.settings)]
        helm_release(
            f"{name}-release",
            args.chart,
            args.settings.namespace,
            operator_values(args.settings),
            pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, *bindings]),
        )
        self.register_outputs({})

    def _bind(
        self, name: str, role: OperatorRole, settings: StackSettings, opts: pulumi.ResourceOptions
    ) -> pulumi.Resource:
        """Create a role and bind it to the service account of the chart; return the binding."""
        metadata = meta.v1.ObjectMetaArgs(
            name=role.name,
            namespace=role.namespace,
            labels=ownership_labels(pulumi.get_stack()),
            annotations=role.annotations,
        )
        subject = rbac.v1.SubjectArgs(kind="ServiceAccount", name=operator_name(settings), namespace=settings.namespace)
        if role.namespace is None:
            created: pulumi.Resource = rbac.v1.ClusterRole(
                f"{name}-cluster-role", metadata=metadata, rules=role.rules, opts=opts
            )
            return rbac.v1.ClusterRoleBinding(
                f"{name}-cluster-role-binding",
                metadata=metadata,
                role_ref=_role_ref("ClusterRole", role),
                subjects=[subject],
                opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[created])),
            )
        suffix = "" if role.namespace == settings.namespace else f"-{role.namespace}"
        created = rbac.v1.Role(f"{name}-role{suffix}", metadata=metadata, rules=role.rules, opts=opts)
        return rbac.v1.RoleBinding(
            f"{name}-role-binding{suffix}",
            metadata=metadata,
            role_ref=_role_ref("Role", role),
            subjects=[subject],
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[created])),
        )


def _role_ref(kind: str, role: OperatorRole) -> rbac.v1.RoleRefArgs:
    return rbac.v1.RoleRefArgs(api_group="rbac.authorization.k8s.io", kind=kind, name=role.name)
