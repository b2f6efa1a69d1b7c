"""Scrape limits of other teams."""

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes import admissionregistration, meta

from common.labels import ownership_labels
from components._adoption import ADOPT_EXISTING
from manifests.admission import scrape_limit_binding, scrape_limit_policy
from manifests.cluster_objects import scrape_limit_policy_name
from settings.stack import StackSettings

TOKEN: Final = "monitoring:index:ScrapeLimits"


@dataclass(frozen=True, kw_only=True)
class ScrapeLimitsArgs:
    """Arguments of the scrape limits.

    Attributes:
        settings: Settings of the stack.
    """

    settings: StackSettings


class ScrapeLimits(pulumi.ComponentResource):
    """The admission policy that refuses monitors of other teams with higher limits than theirs, and its binding."""

    def __init__(self, name: str, args: ScrapeLimitsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the policy and its binding."""
        super().__init__(TOKEN, name, None, opts)
        settings = args.settings
        policy = scrape_limit_policy_name(settings)
        metadata = meta.v1.ObjectMetaArgs(
            name=policy,
            labels=ownership_labels(pulumi.get_stack()),
            annotations=ADOPT_EXISTING,
        )
        created = admissionregistration.v1.ValidatingAdmissionPolicy(
            f"{name}-policy",
            metadata=metadata,
            spec=scrape_limit_policy(
                settings.prometheus.scrape_limits.teams,
                selector=settings.selector,
                namespaces=[settings.namespace, settings.node_exporter_namespace],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        admissionregistration.v1.ValidatingAdmissionPolicyBinding(
            f"{name}-binding",
            metadata=metadata,
            spec=scrape_limit_binding(policy),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[created]),
        )
        self.register_outputs({})
