"""What else may run in a cluster: a kube-prometheus-stack with its operator, and objects of another team."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi import automation
from pulumi_kubernetes import core, meta
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.helm.v3 import Release, ReleaseArgs

from local.tools.toolset import set_folder
from tools.checkout import Checkout

NAMESPACE: Final = "neighbour"
RELEASE: Final = "kube-prometheus-stack"
PROMETHEUS: Final = "kube-prometheus-stack-prometheus"
# The real chart's webhook and certificate need a running pod, which simulated nodes do not have.
_NO_PROCESS: Final = {"admissionWebhooks": {"enabled": False}, "tls": {"enabled": False}}


_NO_VALUES: Final[Mapping[str, Any]] = MappingProxyType({})


def install_kube_prometheus_stack(
    checkout: Checkout, charts: Path, *, real: bool, values: Mapping[str, Any] = _NO_VALUES
) -> automation.Stack:
    """Install kube-prometheus-stack with its default values, as another team would; return the stack that did it.

    `values` are those of an owner, beside the ones without which the chart does not run here.

    The stand-in has no sub-charts, so CRDs and node exporter are releases of their own, and its Prometheus is created
    here.
    """

    def program() -> None:
        provider = kubernetes.Provider("cluster", context="bais-local", enable_server_side_apply=True)
        opts = pulumi.ResourceOptions(provider=provider)
        namespace = core.v1.Namespace(NAMESPACE, metadata=meta.v1.ObjectMetaArgs(name=NAMESPACE), opts=opts)
        after = pulumi.ResourceOptions(provider=provider, depends_on=[namespace])
        own: dict[str, Any] = {"prometheusOperator": _NO_PROCESS, **values}
        if real:
            _release(RELEASE, charts / RELEASE, own, after)
            return
        definitions = _release("crds", charts / "prometheus-operator-crds", {}, after)
        ready = pulumi.ResourceOptions(provider=provider, depends_on=[definitions])
        _release(RELEASE, charts / RELEASE, own, ready)
        _release("neighbour-node-exporter", charts / "prometheus-node-exporter", {}, ready)
        CustomResource(
            "prometheus",
            api_version="monitoring.coreos.com/v1",
            kind="Prometheus",
            metadata=meta.v1.ObjectMetaArgs(name=PROMETHEUS, namespace=NAMESPACE),
            spec={"serviceMonitorSelector": {"matchLabels": {"release": RELEASE}}, "serviceAccountName": "default"},
            opts=ready,
        )

    checkout.deployment.backend.mkdir(parents=True, exist_ok=True)
    stack = automation.create_or_select_stack(
        stack_name="neighbour",
        project_name="neighbour",
        program=program,
        opts=automation.LocalWorkspaceOptions(
            env_vars=checkout.deployment.environment() | {"PULUMI_STACK": "neighbour"},
            pulumi_command=automation.PulumiCommand(root=str(set_folder())),
        ),
    )
    stack.up()
    return stack


def _release(name: str, chart: Path, values: dict[str, Any], opts: pulumi.ResourceOptions) -> Release:
    return Release(name, ReleaseArgs(name=name, chart=str(chart), namespace=NAMESPACE, values=values), opts=opts)


def foreign_objects(namespace: str) -> list[dict[str, Any]]:
    """Return a namespace of another team, with a pod, a claim and a network policy."""
    labels = {"app": "billing"}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": {"team": "billing"}}},
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "ledger", "namespace": namespace},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "billing", "namespace": namespace, "labels": labels},
            "spec": {"containers": [{"name": "billing", "image": "billing:1"}]},
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "billing", "namespace": namespace},
            "spec": {"podSelector": {"matchLabels": labels}, "policyTypes": ["Ingress"]},
        },
    ]
