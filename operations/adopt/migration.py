"""Both stacks of a migration, with connections to their pods."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from common.problems import Problem
from operations.adopt.alerts import UserAlert, user_alerts
from operations.adopt.history import instance
from operations.adopt.model import PreviousStack
from operations.adopt.servers import Cluster, Server, connect
from operations.health.plan import HealthPlan
from preflight.cluster_state import KubernetesObject
from settings.stack import StackSettings
from verification.model import Instance


@dataclass(frozen=True)
class Migration:
    """Both stacks of a migration.

    Attributes:
        plan: Plan of this stack.
        settings: Settings of this stack.
        previous: The stack that it replaces.
        conflicts: Why this stack cannot be deployed beside the previous one.
        prometheus: Prometheus of this stack; None if it is not deployed.
        alertmanager: Alertmanager of this stack; None if it is not deployed.
        previous_prometheuses: Each Prometheus of the previous stack.
        previous_alertmanagers: Each Alertmanager of the previous stack.
    """

    plan: HealthPlan
    settings: StackSettings
    previous: PreviousStack
    conflicts: Sequence[Problem]
    prometheus: Server | None
    alertmanager: Server | None
    previous_prometheuses: Sequence[tuple[KubernetesObject, Server]]
    previous_alertmanagers: Sequence[Server]

    @property
    def stack(self) -> str:
        """Return the name of this stack."""
        return self.plan.stack

    @cached_property
    def user_alerts(self) -> list[UserAlert]:
        """Return the alerts of users that the previous stack evaluates."""
        return user_alerts(self.previous, self.plan.cluster)

    @property
    def still_paged(self) -> list[str]:
        """Return the alerts for which the previous stack keeps notifying after the hand-over."""
        return sorted({alert.name for alert in self.user_alerts if not alert.is_covered})

    @property
    def known_alerts(self) -> frozenset[str]:
        """Return the alerts that this stack evaluates."""
        return self.plan.cluster.alert_names | {alert.name for alert in self.user_alerts if alert.is_selected}


@contextlib.contextmanager
def connected(
    cluster: Cluster,
    plan: HealthPlan,
    settings: StackSettings,
    previous: PreviousStack,
    conflicts: Sequence[Problem],
) -> Iterator[Migration]:
    """Yield both stacks, with a connection to each of their pods that can be reached.

    Raises:
        ClusterError: the resources of this stack cannot be read.
    """
    with contextlib.ExitStack() as connections:
        prometheus, alertmanager = (
            _own(cluster, plan, each, connections) for each in (plan.cluster.prometheus, plan.cluster.alertmanager)
        )
        yield Migration(
            plan=plan,
            settings=settings,
            previous=previous,
            conflicts=conflicts,
            prometheus=prometheus,
            alertmanager=alertmanager,
            previous_prometheuses=[
                (item, connect(cluster, item, instance("Prometheus", item), connections))
                for item in previous.prometheuses
            ],
            previous_alertmanagers=[
                connect(cluster, item, instance("Alertmanager", item), connections) for item in previous.alertmanagers
            ],
        )


def _own(cluster: Cluster, plan: HealthPlan, wanted: Instance, connections: contextlib.ExitStack) -> Server | None:
    path = f"/apis/monitoring.coreos.com/v1/namespaces/{plan.namespace}/{wanted.plural}/{wanted.name}"
    item = cluster.get(path)
    return None if item is None else connect(cluster, item, wanted, connections)


def present(server: Server | None) -> Server:
    """Return a server of this stack in a step that is only run once the stack is deployed."""
    assert server is not None, "checked by run_steps"
    return server
