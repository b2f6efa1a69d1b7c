"""The command lines of an embedded control plane's processes."""

from __future__ import annotations

import ssl
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from local.access import kubeconfig_path
from local.processes import Program
from local.tools import binary

PROCESSES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "prometheus-operator")
"""In the order of their start."""
ENCRYPTED = PROCESSES[:4]
PORTS = (*PROCESSES, "etcd-peer")
SERVICE_RANGE = "10.96.0.0/16"
POD_RANGE = "10.244.0.1/24"
NODE_ADDRESS = "10.245.0.1"
"""Neither pod nor node addresses exist on this machine: nothing may connect to them."""


def programs(state: Path, ports: Mapping[str, int]) -> Iterator[Program]:
    """What to start, in order, with its state in `state`."""
    certificates = state / "certificates"
    authority = certificates / "authority.crt"
    etcd = f"https://127.0.0.1:{ports['etcd']}"
    etcd_peer = f"http://127.0.0.1:{ports['etcd-peer']}"

    def program(name: str, *arguments: str, path: str) -> Program:
        return Program(
            name=name,
            arguments=[str(binary(name)), *arguments],
            ready=lambda: answers(state, ports, name, path),
        )

    yield program(
        "etcd",
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
        "--log-level=warn",
        path="/health",
    )
    yield program(
        "kube-apiserver",
        f"--etcd-servers={etcd}",
        f"--etcd-cafile={authority}",
        f"--etcd-certfile={certificates / 'client.crt'}",
        f"--etcd-keyfile={certificates / 'client.key'}",
        *_serving(certificates, ports["kube-apiserver"]),
        f"--token-auth-file={state / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={certificates / 'service-accounts.pub'}",
        f"--service-account-signing-key-file={certificates / 'service-accounts.key'}",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        "--endpoint-reconciler-type=none",  # a loopback address is refused as an endpoint
        "--allow-privileged",
        "--profiling=false",
        path="/readyz",
    )
    yield program(
        "kube-controller-manager",
        f"--kubeconfig={kubeconfig_path(state, 'controller-manager')}",
        *_serving(certificates, ports["kube-controller-manager"]),
        f"--service-account-private-key-file={certificates / 'service-accounts.key'}",
        f"--root-ca-file={authority}",
        "--use-service-account-credentials",
        "--leader-elect=false",
        path="/healthz",
    )
    yield program(
        "kube-scheduler",
        f"--kubeconfig={kubeconfig_path(state, 'scheduler')}",
        *_serving(certificates, ports["kube-scheduler"]),
        "--leader-elect=false",
        path="/healthz",
    )
    yield program(
        "kwok",
        f"--kubeconfig={kubeconfig_path(state)}",
        f"--config={state / 'stages.yaml'}",
        "--manage-all-nodes",
        f"--cidr={POD_RANGE}",
        f"--node-ip={NODE_ADDRESS}",
        "--node-lease-duration-seconds=40",
        f"--server-address=127.0.0.1:{ports['kwok']}",
        path="/healthz",
    )
    # It disables, for good, what has no custom resource definition when it starts: so it is held until they exist.
    gate = [sys.executable, "-m", "local.operator_gate", str(binary("prometheus-operator"))]
    yield Program(
        name="prometheus-operator",
        arguments=[*gate, f"-web.listen-address=127.0.0.1:{ports['prometheus-operator']}"],
        environment={"KUBECONFIG": str(kubeconfig_path(state)), "PYTHONPATH": str(Path(__file__).parents[1])},
    )


def _serving(certificates: Path, port: int) -> tuple[str, ...]:
    return (
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--tls-cert-file={certificates / 'server.crt'}",
        f"--tls-private-key-file={certificates / 'server.key'}",
    )


def answers(state: Path, ports: Mapping[str, int], name: str, path: str) -> bool:
    """Whether a process answers 200; one that speaks TLS is asked with the control plane's client certificate."""
    certificates = state / "certificates"
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]  # loopback needs no proxy
    try:
        if name in ENCRYPTED:
            context = ssl.create_default_context(cafile=certificates / "authority.crt")
            context.load_cert_chain(certificates / "client.crt", certificates / "client.key")
            handlers.append(urllib.request.HTTPSHandler(context=context))
        url = f"http{'s' if name in ENCRYPTED else ''}://127.0.0.1:{ports[name]}{path}"
        with urllib.request.build_opener(*handlers).open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, KeyError):
        return False
