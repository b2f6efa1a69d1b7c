"""Command lines and configuration of the processes of a real node."""

from __future__ import annotations

import json
import os
import string
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from common.project import PROJECT
from local.control_plane.kubeconfigs import kubeconfig_path
from local.control_plane.programs import is_healthy
from local.nodes import cgroups
from local.nodes.images import PAUSE_IMAGE
from local.nodes.layout import DNS_ADDRESS, NODE_ADDRESS, NODE_NAME, POD_RANGE, SOCKET, NodeLayout
from local.nodes.packages import link_programs
from local.private_files import write_private
from local.processes import MARK, Program, running
from local.tools.toolset import binary

HOLDER: Final = "namespaces"
CONTAINERD: Final = "containerd"
PORTS: Final = ("kubelet", "kube-proxy")
CONTAINERD_SETTINGS: Final = Path(__file__).with_name("containerd.toml")


def holder_program(layout: NodeLayout, ports: Mapping[str, int]) -> Program:
    """Return the holder of the namespaces; all other processes start inside them."""

    def ready() -> bool:
        process = running(layout.state).get(HOLDER)
        return process is not None and layout.holder_file.exists() and layout.holder_pid() == process.pid

    return Program(
        name=HOLDER,
        arguments=[sys.executable, "-m", "local.nodes.namespaces", str(layout.state), *map(str, ports.values())],
        environment={"PYTHONPATH": str(PROJECT)},
        ready=ready,
    )


def runtime_program(layout: NodeLayout) -> Program:
    """Write the configuration of containerd and return its program."""
    environment = link_programs(layout.folder / "bin")
    write_runtime_settings(layout)
    cgroups.create(layout.identifier)
    return Program(
        name=CONTAINERD,
        arguments=[
            *layout.nsenter("net", "mount"),
            *(sys.executable, "-m", "local.nodes.runtime", layout.identifier),
            *("containerd", "--config", str(layout.folder / "containerd.toml")),
        ],
        environment=environment | {"PYTHONPATH": str(PROJECT)},
        ready=lambda: ctr(layout, "version").returncode == 0,
    )


def node_programs(layout: NodeLayout, ports: Mapping[str, int]) -> Iterator[Program]:
    """Write the kubelet configuration and yield kubelet and kube-proxy."""
    environment = link_programs(layout.folder / "bin")
    write_node_settings(layout, ports)
    yield Program(
        name="kubelet",
        arguments=[
            *(*layout.nsenter("net", "mount"), str(binary("kubelet"))),
            f"--config={layout.folder / 'kubelet.yaml'}",
            f"--kubeconfig={kubeconfig_path(layout.state, 'kubelet')}",
            f"--hostname-override={NODE_NAME}",
            f"--node-ip={NODE_ADDRESS}",
        ],
        environment=environment,
        ready=lambda: is_healthy(layout.state, ports, "kubelet", "/healthz"),
    )
    yield Program(
        name="kube-proxy",
        arguments=[
            *(*layout.nsenter("net"), str(binary("kube-proxy"))),
            f"--kubeconfig={kubeconfig_path(layout.state, 'kube-proxy')}",
            "--proxy-mode=iptables",
            f"--cluster-cidr={POD_RANGE}",
            f"--hostname-override={NODE_NAME}",
            f"--healthz-bind-address=127.0.0.1:{ports['kube-proxy']}",
            # Machine-wide settings, which must not change.
            "--conntrack-max-per-core=0",
            "--conntrack-tcp-timeout-established=0",
            "--conntrack-tcp-timeout-close-wait=0",
        ],
        environment=environment,
        ready=lambda: is_healthy(layout.state, ports, "kube-proxy", "/healthz"),
    )


def ctr(layout: NodeLayout, *arguments: str, timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
    """Run the containerd client in the network of the host."""
    socket = f"/proc/{layout.holder_pid()}/root{SOCKET}"
    return subprocess.run(
        [str(layout.folder / "bin" / "ctr"), "--address", socket, "--namespace=k8s.io", *arguments],
        # With the process mark, so that `make down` stops it if its command is killed.
        env=os.environ | {MARK: f"{layout.state}:ctr"},
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


def write_runtime_settings(layout: NodeLayout) -> None:
    """Write the configuration files of containerd."""
    folder = layout.folder
    variables = {
        "root": folder / "containerd",
        "socket": SOCKET,
        "pause": PAUSE_IMAGE,
        "programs": folder / "bin",
        "network": folder / "network",
    }
    (folder / "network").mkdir(exist_ok=True)
    write_private(folder / "containerd.toml", string.Template(CONTAINERD_SETTINGS.read_text()).substitute(variables))
    write_private(folder / "network" / "pods.conflist", json.dumps(pod_network()))


def write_node_settings(layout: NodeLayout, ports: Mapping[str, int]) -> None:
    """Write the configuration files of the kubelet."""
    folder = layout.folder
    # For pods with the DNS configuration of the node: no name server listens there.
    write_private(folder / "resolv.conf", "nameserver 127.0.0.1\n")
    write_private(folder / "kubelet.yaml", yaml.safe_dump(kubelet_settings(layout, ports)))


def pod_network() -> dict[str, Any]:
    """Return the CNI configuration of the pod network."""
    bridge = {
        "type": "bridge",
        "bridge": "pods",
        "isDefaultGateway": True,
        "hairpinMode": True,  # a Service may route a pod to itself
        "ipam": {"type": "host-local", "ranges": [[{"subnet": POD_RANGE}]], "dataDir": "/run/pod-addresses"},
    }
    return {"cniVersion": "0.4.0", "name": "pods", "plugins": [bridge]}


def kubelet_settings(layout: NodeLayout, ports: Mapping[str, int]) -> dict[str, Any]:
    """Return the configuration of the kubelet."""
    certificates = layout.state / "certificates"
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(certificates / "authority.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(certificates / "server.crt"),
        "tlsPrivateKeyFile": str(certificates / "server.key"),
        "healthzPort": ports["kubelet"],
        "clusterDNS": [DNS_ADDRESS],
        "clusterDomain": "cluster.local",
        # Updates Secrets in pods and volume metrics within seconds instead of minutes.
        "syncFrequency": "10s",
        "volumeStatsAggPeriod": "10s",
        "resolvConf": str(layout.folder / "resolv.conf"),
        "containerRuntimeEndpoint": f"unix://{SOCKET}",
        "volumePluginDir": "/var/lib/kubelet/volume-plugins",
        # All pods are in one cgroup, which is removed as a whole.
        "cgroupRoot": f"/{layout.identifier}",
        "cgroupDriver": "cgroupfs",
        "failCgroupV1": False,
        "failSwapOn": False,
        "enforceNodeAllocatable": [],
        # A full disk of the host must not evict pods or delete images built here.
        "evictionHard": {"memory.available": "0%", "nodefs.available": "0%", "imagefs.available": "0%"},
        "imageGCHighThresholdPercent": 100,
    }
