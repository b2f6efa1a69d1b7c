"""Command lines of the processes of an embedded control plane."""

from __future__ import annotations

import ssl
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from common.project import PROJECT
from local.control_plane.certificates import PEER
from local.control_plane.kubeconfigs import kubeconfig_path
from local.processes import Program
from local.tools.toolset import binary

# In start order.
PROCESSES: Final = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kwok",
    "prometheus-operator",
)
TLS_PROCESSES: Final = PROCESSES[:4]
PORTS: Final = (*PROCESSES, "etcd-peer")
SERVICE_RANGE: Final = "10.96.0.0/16"
POD_RANGE: Final = "10.244.0.1/24"
# Neither pod nor node addresses exist on this machine: nothing may connect to them.
NODE_ADDRESS: Final = "10.245.0.1"


AUDIT_POLICY: Final = Path(__file__).parents[1] / "nodes" / "audit.yaml"
SIMULATED_NODE_FLAGS: Final = (
    "--authorization-mode=RBAC",
    "--endpoint-reconciler-type=none",  # the API server rejects a loopback address as an endpoint
)


def simulated_cluster_programs(state: Path, ports: Mapping[str, int]) -> Iterator[Program]:
    """Return the processes of a cluster with simulated nodes, in start order."""
    yield from control_plane_programs(state, ports)
    yield kwok_program(state, ports, "--manage-all-nodes", f"--cidr={POD_RANGE}", f"--node-ip={NODE_ADDRESS}")
    operator = [str(binary("prometheus-operator")), str(ports["prometheus-operator"])]
    yield Program(
        name="prometheus-operator",
        arguments=[sys.executable, "-m", "local.control_plane.operator_pods", *operator],
        environment={"KUBECONFIG": str(kubeconfig_path(state)), "PYTHONPATH": str(PROJECT)},
    )


def control_plane_programs(state: Path, ports: Mapping[str, int], advertised: str | None = None) -> Iterator[Program]:
    """Return the processes of the control plane, in start order.

    Args:
        state: Folder of all their files.
        ports: Port of each process.
        advertised: Address at which real pods and kubelets reach the API server; None with simulated nodes.
    """
    certificates = state / "certificates"
    authority = certificates / "authority.crt"
    etcd = f"https://127.0.0.1:{ports['etcd']}"
    etcd_peer = f"https://127.0.0.1:{ports['etcd-peer']}"

    yield _program(
        *(state, ports, "etcd", "/health"),
        f"--data-dir={state / 'etcd'}",
        f"--listen-client-urls={etcd}",
        f"--advertise-client-urls={etcd}",
        f"--listen-peer-urls={etcd_peer}",
        f"--initial-advertise-peer-urls={etcd_peer}",
        f"--initial-cluster=default={etcd_peer}",
        f"--cert-file={certificates / 'server.crt'}",
        f"--key-file={certificates / 'server.key'}",
        f"--trusted-ca-file={authority}",
        "--client-cert-auth",
        f"--peer-cert-file={certificates / f'{PEER}.crt'}",
        f"--peer-key-file={certificates / f'{PEER}.key'}",
        f"--peer-trusted-ca-file={authority}",
        "--peer-client-cert-auth",
        # Clients have certificates of the same CA, but are not peers.
        f"--peer-cert-allowed-cn={PEER}",
        "--log-level=warn",
    )
    yield _program(
        *(state, ports, "kube-apiserver", "/readyz"),
        f"--etcd-servers={etcd}",
        f"--etcd-cafile={authority}",
        f"--etcd-certfile={certificates / 'client.crt'}",
        f"--etcd-keyfile={certificates / 'client.key'}",
        *_serving_flags(certificates, ports["kube-apiserver"], "0.0.0.0" if advertised else "127.0.0.1"),
        f"--token-auth-file={state / 'tokens.csv'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={certificates / 'service-accounts.pub'}",
        f"--service-account-signing-key-file={certificates / 'service-accounts.key'}",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        *(_real_node_flags(state, advertised) if advertised else SIMULATED_NODE_FLAGS),
        "--allow-privileged",
        "--profiling=false",
    )
    yield _program(
        *(state, ports, "kube-controller-manager", "/healthz"),
        f"--kubeconfig={kubeconfig_path(state, 'controller-manager')}",
        *_serving_flags(certificates, ports["kube-controller-manager"]),
        f"--service-account-private-key-file={certificates / 'service-accounts.key'}",
        f"--root-ca-file={authority}",
        "--use-service-account-credentials",
        "--leader-elect=false",
    )
    yield _program(
        *(state, ports, "kube-scheduler", "/healthz"),
        f"--kubeconfig={kubeconfig_path(state, 'scheduler')}",
        *_serving_flags(certificates, ports["kube-scheduler"]),
        "--leader-elect=false",
    )


def kwok_program(state: Path, ports: Mapping[str, int], *arguments: str) -> Program:
    """Return KWOK, which simulates the nodes that the arguments select."""
    return _program(
        *(state, ports, "kwok", "/healthz"),
        f"--kubeconfig={kubeconfig_path(state)}",
        f"--config={state / 'stages.yaml'}",
        *arguments,
        "--node-lease-duration-seconds=40",
        f"--server-address=127.0.0.1:{ports['kwok']}",
    )


def _program(state: Path, ports: Mapping[str, int], name: str, path: str, *arguments: str) -> Program:
    return Program(
        name=name,
        arguments=[str(binary(name)), *arguments],
        ready=lambda: is_healthy(state, ports, name, path),
    )


def _real_node_flags(state: Path, advertised: str) -> tuple[str, ...]:
    certificates = state / "certificates"
    return (
        "--authorization-mode=Node,RBAC",
        f"--advertise-address={advertised}",
        "--kubelet-preferred-address-types=InternalIP",
        f"--kubelet-client-certificate={certificates / 'client.crt'}",
        f"--kubelet-client-key={certificates / 'client.key'}",
        f"--audit-policy-file={AUDIT_POLICY}",
        f"--audit-log-path={state / 'logs' / 'audit.log'}",
        "--audit-log-maxsize=50",  # MB
        "--audit-log-maxbackup=1",
        # For the policy that moves pods with unavailable images to the simulated node.
        "--feature-gates=MutatingAdmissionPolicy=true",
        "--runtime-config=admissionregistration.k8s.io/v1beta1=true",
    )


def _serving_flags(certificates: Path, port: int, address: str = "127.0.0.1") -> tuple[str, ...]:
    return (
        f"--bind-address={address}",
        f"--secure-port={port}",
        f"--tls-cert-file={certificates / 'server.crt'}",
        f"--tls-private-key-file={certificates / 'server.key'}",
    )


def is_healthy(state: Path, ports: Mapping[str, int], name: str, path: str) -> bool:
    """Return whether a health endpoint responds with 200.

    TLS endpoints get the client certificate of the control plane.
    """
    certificates = state / "certificates"
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]  # no proxy for loopback
    try:
        if name in TLS_PROCESSES:
            context = ssl.create_default_context(cafile=certificates / "authority.crt")
            context.load_cert_chain(certificates / "client.crt", certificates / "client.key")
            handlers.append(urllib.request.HTTPSHandler(context=context))
        url = f"http{'s' if name in TLS_PROCESSES else ''}://127.0.0.1:{ports[name]}{path}"
        with urllib.request.build_opener(*handlers).open(url, timeout=2) as response:
            return bool(response.status == 200)
    except (OSError, KeyError):
        return False
