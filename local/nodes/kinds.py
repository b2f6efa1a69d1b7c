"""The two kinds of nodes that a control plane can have: what runs, what is applied, what is left to end."""

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

# The simulated ones of an environment without a real one.
SIMULATED_NODES: Final = ("node-1", "node-2", "node-3")
SIMULATED_MANIFESTS: Final = PROJECT / "local" / "control_plane" / "manifests"
REAL_MANIFESTS: Final = Path(__file__).with_name("manifests")
STATELESS: Final = ("prometheus-operator", "kwok", "kube-scheduler", "kube-controller-manager")
# Ended last: a process that loses its API server writes pages of errors while it waits for its end.
DATA_STORES: Final = ("kube-apiserver", "etcd")


# Processes of no built tool.
SYSTEM_PROCESSES: Final = (HOLDER, CONTAINERD)


class Nodes(Protocol):
    """What a control plane has to know of its nodes."""

    kind: str
    processes: tuple[str, ...]
    """In the order of their start."""
    ports: tuple[str, ...]
    simulated: tuple[str, ...]
    """Names of the nodes that KWOK answers for."""

    def description(self, state: Path) -> str:
        """What of it is simulated, for a person."""

    def programs(self, state: Path, ports: Mapping[str, int], report: Callable[[str], None]) -> Iterator[Program]:
        """What to start, in order; each is ready before the next is asked for."""

    def stages(self) -> list[Path]:
        """What KWOK simulates: files and folders of stages."""

    def manifests(self, state: Path) -> str:
        """What is applied to the cluster before anything else."""

    def external_objects(self) -> str:
        """What others would have given the stack; nothing if there is nothing."""

    def unused_ports(self, ports: Mapping[str, int], running_processes: Mapping[str, psutil.Process]) -> list[int]:
        """The ports on which nothing of ours listens."""

    def can_resume(self, running_processes: Mapping[str, psutil.Process]) -> bool:
        """Whether what lives can stay, and lacks at most some processes; else all has to start anew."""

    def end(self, state: Path, running_processes: Mapping[str, psutil.Process]) -> None:
        """End these processes and whatever they have started."""


class SimulatedNodes(Nodes):
    """Three nodes that KWOK answers for; pods say that they run."""

    kind = "simulated"
    processes = PROCESSES
    ports = PORTS
    simulated = SIMULATED_NODES

    def description(self, state: Path) -> str:
        """All of it."""
        return "nodes and pods: simulated"

    def programs(self, state: Path, ports: Mapping[str, int], report: Callable[[str], None]) -> Iterator[Program]:
        """The control plane, KWOK and the operator."""
        return simulated_cluster_programs(state, ports)

    def stages(self) -> list[Path]:
        """Nodes, pods and volumes."""
        folders = ("node/fast", "node/heartbeat-with-lease", "pod/fast", "volume/fast")
        return [*(binary("kwok-stages") / folder for folder in folders), SIMULATED_MANIFESTS / "claim-growth.yaml"]

    def manifests(self, state: Path) -> str:
        """The nodes and the storage class."""
        storage_class = yaml.safe_load((binary("kwok-stages") / "volume/fast/storage-class.yaml").read_text())
        documents = [yaml.safe_dump(storage_class | {"allowVolumeExpansion": True})]
        for name in self.simulated:
            node = yaml.safe_load((SIMULATED_MANIFESTS / "node.yaml").read_text())
            node["metadata"]["name"] = name
            node["metadata"]["labels"] |= {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": name}
            documents.append(yaml.safe_dump(node))
        return "---\n".join(documents)

    def external_objects(self) -> str:
        """Nothing: a simulated pod needs nothing."""
        return ""

    def unused_ports(self, ports: Mapping[str, int], running_processes: Mapping[str, psutil.Process]) -> list[int]:
        """Those of processes that do not live."""
        return [port for name, port in ports.items() if name.removesuffix("-peer") not in running_processes]

    def can_resume(self, running_processes: Mapping[str, psutil.Process]) -> bool:
        """Always: each process can be started again by itself."""
        return True

    def end(self, state: Path, running_processes: Mapping[str, psutil.Process]) -> None:
        """The stores last."""
        _end_in_order(running_processes, (STATELESS, *((name,) for name in DATA_STORES)))


class RealNode(Nodes):
    """One node whose pods run, in namespaces of its own, and a simulated one beside it for pods without an image."""

    kind = "real"
    processes = (HOLDER, CONTAINERD, *PROCESSES[:5], *NODE_PORTS)
    ports = (*PROCESSES[:5], "etcd-peer", *NODE_PORTS)
    simulated = (SIMULATED_NAME,)

    def description(self, state: Path) -> str:
        """Pods whose image cannot be had."""
        return ImageSources.of(NodeLayout(state)).description()

    def programs(self, state: Path, ports: Mapping[str, int], report: Callable[[str], None]) -> Iterator[Program]:
        """The namespaces, containerd with the images beside the control plane, and the node."""
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
        # Images take as long as all the rest, which is mostly waiting.
        with ThreadPoolExecutor(1) as pool:
            images = pool.submit(import_images, layout, report)
            for program in (*control_plane_programs(state, ports, advertised=NODE_ADDRESS), simulation):
                yield replace(program, arguments=[*inside, *program.arguments])
            images.result()
        yield from node_programs(layout, ports)

    def stages(self) -> list[Path]:
        """Nodes and pods, and the end of a pod that makes a volume."""
        folders = ("node/fast", "node/heartbeat-with-lease", "pod/fast")
        return [*(binary("kwok-stages") / folder for folder in folders), REAL_MANIFESTS / "volume-maker.yaml"]

    def manifests(self, state: Path) -> str:
        """Names, volumes, access to the kubelet, and the simulated node with what goes there."""
        images = {image.repository.rpartition("/")[2]: image for image in table()}
        words = {
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
                "condition": json.dumps(_uses_any_image(ImageSources.of(NodeLayout(state)).unavailable())),
            },
        }
        return "---\n".join(
            string.Template((REAL_MANIFESTS / f"{name}.yaml").read_text()).substitute(filled)
            for name, filled in words.items()
        )

    def external_objects(self) -> str:
        """The Secret that the example of a watched database names, without which its exporter does not start."""
        return (REAL_MANIFESTS / "example.yaml").read_text()

    def unused_ports(self, ports: Mapping[str, int], running_processes: Mapping[str, psutil.Process]) -> list[int]:
        """None while the namespaces are held: their holder listens on all."""
        return [] if HOLDER in running_processes else list(ports.values())

    def can_resume(self, running_processes: Mapping[str, psutil.Process]) -> bool:
        """Only while the namespaces are held: new ones are others."""
        return HOLDER in running_processes

    def end(self, state: Path, running_processes: Mapping[str, psutil.Process]) -> None:
        """What starts pods, then the pods, the stores, and the namespaces with all that is in them."""
        _end_in_order(running_processes, ((*NODE_PORTS, *STATELESS),))
        cgroups.end(NodeLayout(state).identifier)
        _end_in_order(running_processes, (*((name,) for name in DATA_STORES), (CONTAINERD, HOLDER)))
        end(running_processes.values())  # and what a command that was killed had left at work inside


KINDS: Final[Mapping[str, Nodes]] = {"simulated": SimulatedNodes(), "real": RealNode()}


def _end_in_order(running_processes: Mapping[str, psutil.Process], groups: Sequence[Sequence[str]]) -> None:
    for group in groups:
        end([running_processes[name] for name in group if name in running_processes])


def _uses_any_image(images: Sequence[Image]) -> str:
    """CEL: whether a pod has a container of one of these images, in whatever version."""
    names = [f"c.image.startsWith('{image.repository}:')" for image in images]
    return f"object.spec.containers.exists(c, {' || '.join(names) or 'false'})"
