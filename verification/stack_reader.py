"""Objects of a stack that are compared with its plan, files that the operator generated, and its rejections."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from verification import alertmanager, operator, pods
from verification.cluster import ClusterReader
from verification.model import ClusterPlan, Instance
from verification.operator import Rejection


class StackReader:
    """Read requests for the objects of one stack."""

    def __init__(self, plan: ClusterPlan, cluster: ClusterReader) -> None:
        self._plan, self._cluster = plan, cluster

    def objects(self, resource: str, **parameters: str) -> list[Mapping[str, Any]]:
        """Return objects of the core API in the stack's namespace.

        Raises ClusterError.
        """
        return list(self._cluster.get(f"/api/v1/namespaces/{self._plan.namespace}/{resource}", **parameters)["items"])

    def stateful_sets(self) -> list[Mapping[str, Any]]:
        """Return the StatefulSets of the stack's namespace.

        Raises ClusterError.
        """
        return list(self._cluster.get(f"/apis/apps/v1/namespaces/{self._plan.namespace}/statefulsets")["items"])

    def instance(self, instance: Instance) -> Mapping[str, Any] | None:
        """Return the custom resource of an instance; None if it does not exist.

        Raises ClusterError.
        """
        path = f"/apis/monitoring.coreos.com/v1/namespaces/{self._plan.namespace}/{instance.plural}/{instance.name}"
        found: Mapping[str, Any] | None = self._cluster.get(path)
        return found

    def pods(self, instance: Instance) -> list[Mapping[str, Any]]:
        """Return the pods of an instance.

        Raises ClusterError.
        """
        return self.objects("pods", labelSelector=instance.selector)

    def is_simulated(self, pod: Mapping[str, Any]) -> bool:
        """Return whether a pod is on a simulated node; such a pod must never be connected to.

        Raises ClusterError.
        """
        return pods.is_simulated_node(self._cluster.get(f"/api/v1/nodes/{pod['spec'].get('nodeName')}"))

    def rule_files(self) -> dict[str, str]:
        """Return the rule files that the operator has rendered, by name.

        Raises ClusterError.
        """
        selector = f"prometheus-name={self._plan.prometheus.name}"
        return operator.rule_files(self.objects("configmaps", labelSelector=selector))

    def alertmanager_files(self) -> dict[str, str]:
        """Return Alertmanager's configuration and templates as the operator has generated them, by name.

        Raises ClusterError.
        """
        return self._secret(f"alertmanager-{self._plan.alertmanager.name}-generated")

    def prometheus_configuration(self) -> str:
        """Return the configuration of Prometheus as the operator has generated it; empty without one.

        Raises ClusterError.
        """
        return self._secret(f"prometheus-{self._plan.prometheus.name}").get("prometheus.yaml", "")

    def rejections(self, rule_files: Iterable[str], alertmanager_files: Mapping[str, str]) -> Iterator[Rejection]:
        """Yield the objects of any team that the operator rejects as they are now.

        `rule_files` are names of rendered files. Raises ClusterError.
        """
        events = self._cluster.get("/api/v1/events", fieldSelector="reason=InvalidConfiguration")
        configuration = alertmanager_files.get(alertmanager.CONFIGURATION_FILE, "")
        for rejection in operator.rejections(events["items"]):
            if not operator.is_current(rejection, self._cluster.get(rejection.path)):
                continue
            if not operator.is_in_effect(rejection, rule_files, configuration, self.prometheus_configuration()):
                yield rejection

    def _secret(self, name: str) -> dict[str, str]:
        """Return the files in a Secret of the operator; empty if it does not exist."""
        path = f"/api/v1/namespaces/{self._plan.namespace}/secrets/{name}"
        return operator.secret_files(self._cluster.get(path))
