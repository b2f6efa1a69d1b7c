"""The two kinds of nodes: their processes, manifests and shutdown."""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

import psutil
import yaml

from common.project import PROJECT
from local.control_plane.programs import (
    PORTS,
    PROCESSES,
    control_plane_programs,
    kwok_program,
    simulated_cluster_programs,
)
from local.nodes import cgroups
from local.nodes.image_sources import ImageSources
from local.nodes.images import Image, table
from local.nodes.import_images import import_images
from local.nodes.layout import (
    DNS_ADDRESS,
    NODE_ADDRESS,
    SIMULATED_ADDRESS,
    SIMULATED_NAME,
    SIMULATED_POD_RANGE,
    NodeLayout,
)
from local.nodes.programs import CONTAINERD, HOLDER, holder_program, node_programs, runtime_program
from local.nodes.programs import PORTS as NODE_PORTS
from local.processes import Program, end
from local.tools.toolset import binary

# Nodes of an environment without a real node.
SIMULATED_NODES: Final = ("node-1", "node-2", "node-3")
SIMULATED_MANIFESTS: Final = PROJECT / "local" / "control_plane" / "manifests"
REAL_MANIFESTS: Final = Path(__file__).with_name("manifests")
STATELESS: Final = ("prometheus-operator", "kwok", "kube-scheduler", "kube-controller-manager")
# Stopped last: processes without an API server fill their logs with errors while they shut down.
DATA_STORES: Final = ("kube-apiserver", "etcd")


# Processes whose program is not a built tool.
SYSTEM_PROCESSES: Final = (HOLDER, CONTAINERD)


class Nodes(Protocol):
    """Interface between a control plane and its nodes.

    Attributes:
        kind: Name of the kind.
        processes: Names of all processes, in start order.
        ports: Names of the ports.
        simulated: Names of the nodes that KWOK simulates.
    """

    kind: str
    processes: tuple[str, ...]
    ports: tuple[str, ...]
    simulated: tuple[str, ...]

    def description(self, state: Path) -> str:
        """Return text about what is real and what is simulated."""

    def programs(self, state: Path, ports: Mapping[str, int], report: Callable[[str], None]) -> Iterator[Program]:
        """Yield the programs in start order; each is ready before the next is requested."""

    def stages(self) -> list[Path]:
        """Return the files and folders of KWOK stages."""

    def manifests(self, state: Path) -> str:
        """Return the manifests that are applied right after the start."""

    def unused_ports(self, ports: Mapping[str, int], running_processes: Mapping[str, psutil.Process]) -> list[int]:
        """Return the ports on which none of the running processes listens."""

    def can_resume(self, running_processes: Mapping[str, psutil.Process]) -> bool:
        """Return whether a start can reuse the running processes.

        Otherwise all processes are restarted.
        """

    def end(self, state: Path, running_processes: Mapping[str, psutil.Process]) -> None:
        """Stop these processes and everything they started."""


class SimulatedNodes(Nodes):
    """Three nodes that KWOK simulates; pods are reported as running."""

    kind = "simulated"
    processes = PROCESSES
    ports = PORTS
    simulated = SIMULATED_NODES

    def description(self, state: Path) -> str:
        """Return that everything is simulated."""
        return "nodes and pods: simulated"

    def programs(self, state: Path, ports: Mapping[str, int], report: Callable[[str], None]) -> Iterator[Program]:
        """Yield the control plane, KWOK and the operator."""
        return simulated_cluster_programs(state, ports)

    def stages(self) -> list[Path]:
        """Return the stages of nodes, pods and volumes."""
        folders = ("node/fast", "node/heartbeat-with-lease", "pod/fast", "volume/fast")
        return [*(binary("kwok-stages") / folder for folder in folders), SIMULATED_MANIFESTS / "claim-growth.yaml"]

    def manifests(self, state: Path) -> str:
        """Return the nodes and the storage class."""
        storage_class = yaml.safe_load((binary("kwok-stages") / "volume/fast/storage-class.yaml").read_text())
        documents = [yaml.safe_dump(storage_class | {"allowVolumeExpansion": True})]
        for name in self.simulated:
            node = yaml.safe_load((SIMULATED_MANIFESTS / "node.yaml").read_text())
            node["metadata"]["name"] = name
            node["metadata"]["labels"] |= {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": name}
            documents.append(yaml.safe_dump(node))
        return "---\n".join(documents)

    def unused_ports(self, ports: Mapping[str, int], running_processes: Mapping[str, psutil.Process]) -> list[int]:
        """Return the ports of processes that do not run."""
        return [port for name, port in ports.items() if name.removesuffix("-peer") not in running_processes]

    def can_resume(self, running_processes: Mapping[str, psutil.Process]) -> bool:
        """Return True: each process can be restarted separately."""
        return True

    def end(self, state: Path, running_processes: Mapping[str, psutil.Process]) -> None:
        """Stop the processes, the data stores last."""
        _end_in_order(running_processes, (STATELESS, *((name,) for name in DATA_STORES)))


class RealNode(Nodes):
    """A node that runs pods in its own namespaces.

    An additional simulated node takes pods without an image.
    """

    kind = "real"
    processes = (HOLDER, CONTAINERD, *PROCESSES[:5], *NODE_PORTS)
    ports = (*PROCESSES[:5], "etcd-peer", *NODE_PORTS)
    simulated = (SIMULATED_NAME,)

    def description(self, state: Path) -> str:
        """Return text about the sources of the images and the simulated pods."""
        return ImageSources.load(NodeLayout(state)).description()

    def programs(self, state: Path, ports: Mapping[str, int], report: Callable[[str], None]) -> Iterator[Program]:
        """Yield the namespaces, containerd, the control plane and the node.

        Images are imported while the control plane starts.
        """
        layout = NodeLayout(state)
        yield holder_program(layout, ports)
        inside = layout.nsenter("net")
        simulation = kwok_program(
            state,
            ports,
            "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
            f"--cidr={SIMULATED_POD_RANGE}",
            f"--node-ip={SIMULATED_ADDRESS}",
        )
        yield runtime_program(layout)
        # The import takes as long as the start of the control plane, so both run at the same time.
        with ThreadPoolExecutor(1) as pool:
            images = pool.submit(import_images, layout, report)
            for program in (*control_plane_programs(state, ports, advertised=NODE_ADDRESS), simulation):
                yield replace(program, arguments=[*inside, *program.arguments])
            images.result()
        yield from node_programs(layout, ports)

    def stages(self) -> list[Path]:
        """Return the stages of nodes, pods and the volume helper pod."""
        folders = ("node/fast", "node/heartbeat-with-lease", "pod/fast")
        return [*(binary("kwok-stages") / folder for folder in folders), REAL_MANIFESTS / "volume-maker.yaml"]

    def manifests(self, state: Path) -> str:
        """Return DNS, storage, kubelet access and the simulated node."""
        images = {image.repository.rpartition("/")[2]: image for image in table()}
        variables = {
            "coredns": {"image": images["coredns"].image, "address": DNS_ADDRESS},
            "storage": {
                "image": images["local-path-provisioner"].image,
                "helper": images["busybox"].image,
                "folder": str(NodeLayout(state).volumes),
            },
            "access": {},
            "simulated": {
                "name": SIMULATED_NAME,
                "address": SIMULATED_ADDRESS,
                "condition": json.dumps(_uses_any_image(ImageSources.load(NodeLayout(state)).unavailable())),
            },
        }
        return "---\n".join(
            string.Template((REAL_MANIFESTS / f"{name}.yaml").read_text()).substitute(values)
            for name, values in variables.items()
        )

    def unused_ports(self, ports: Mapping[str, int], running_processes: Mapping[str, psutil.Process]) -> list[int]:
        """Return no ports while the holder of the namespaces runs.

        The holder listens on all of them.
        """
        return [] if HOLDER in running_processes else list(ports.values())

    def can_resume(self, running_processes: Mapping[str, psutil.Process]) -> bool:
        """Return whether the holder of the namespaces runs.

        All other processes depend on it.
        """
        return HOLDER in running_processes

    def end(self, state: Path, running_processes: Mapping[str, psutil.Process]) -> None:
        """Stop what starts pods, then the pods, the data stores, and the namespaces."""
        _end_in_order(running_processes, ((*NODE_PORTS, *STATELESS),))
        cgroups.end(NodeLayout(state).identifier)
        _end_in_order(running_processes, (*((name,) for name in DATA_STORES), (CONTAINERD, HOLDER)))
        end(running_processes.values())  # and leftovers of a killed command inside the namespaces


KINDS: Final[Mapping[str, Nodes]] = {"simulated": SimulatedNodes(), "real": RealNode()}


def _end_in_order(running_processes: Mapping[str, psutil.Process], groups: Sequence[Sequence[str]]) -> None:
    for group in groups:
        end([running_processes[name] for name in group if name in running_processes])


def _uses_any_image(images: Sequence[Image]) -> str:
    """Return a CEL expression that is true for pods with one of these images.

    The version of the image does not matter.
    """
    names = [f"c.image.startsWith('{image.repository}:')" for image in images]
    return f"object.spec.containers.exists(c, {' || '.join(names) or 'false'})"
