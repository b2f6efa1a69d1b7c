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
from local.control_plane.programs import PORTS, PROCESSES, control_plane, kwok, programs
from local.nodes import cgroups
from local.nodes.image_sources import Origins
from local.nodes.images import Image, table
from local.nodes.import_images import import_images
from local.nodes.layout import ADDRESS, DNS_ADDRESS, SIMULATED_ADDRESS, SIMULATED_NAME, SIMULATED_POD_RANGE, Place
from local.nodes.programs import CONTAINERD, HOLDER, holder, node_programs, runtime
from local.nodes.programs import PORTS as NODE_PORTS
from local.processes import Program, end
from local.tools.toolset import binary

NODES: Final = ("node-1", "node-2", "node-3")
"""The simulated ones of an environment without a real one."""
MANIFESTS: Final = PROJECT / "local" / "control_plane" / "manifests"
REAL_MANIFESTS: Final = Path(__file__).with_name("manifests")
STATELESS: Final = ("prometheus-operator", "kwok", "kube-scheduler", "kube-controller-manager")
STORES: Final = ("kube-apiserver", "etcd")
"""Ended last: a process that loses its API server writes pages of errors while it waits for its end."""


UNBUILT: Final = (HOLDER, CONTAINERD)
"""Processes of no built tool."""


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

    def given(self) -> str:
        """What others would have given the stack; nothing if there is nothing."""

    def idle_ports(self, ports: Mapping[str, int], living: Mapping[str, psutil.Process]) -> list[int]:
        """The ports on which nothing of ours listens."""

    def holds(self, living: Mapping[str, psutil.Process]) -> bool:
        """Whether what lives can stay, and lacks at most some processes; else all has to start anew."""

    def end(self, state: Path, living: Mapping[str, psutil.Process]) -> None:
        """End these processes and whatever they have started."""


class SimulatedNodes(Nodes):
    """Three nodes that KWOK answers for; pods say that they run."""

    kind = "simulated"
    processes = PROCESSES
    ports = PORTS
    simulated = NODES

    def description(self, state: Path) -> str:
        """All of it."""
        return "nodes and pods: simulated"

    def programs(self, state: Path, ports: Mapping[str, int], report: Callable[[str], None]) -> Iterator[Program]:
        """The control plane, KWOK and the operator."""
        return programs(state, ports)

    def stages(self) -> list[Path]:
        """Nodes, pods and volumes."""
        folders = ("node/fast", "node/heartbeat-with-lease", "pod/fast", "volume/fast")
        return [*(binary("kwok-stages") / folder for folder in folders), MANIFESTS / "claim-growth.yaml"]

    def manifests(self, state: Path) -> str:
        """The nodes and the storage class."""
        storage_class = yaml.safe_load((binary("kwok-stages") / "volume/fast/storage-class.yaml").read_text())
        documents = [yaml.safe_dump(storage_class | {"allowVolumeExpansion": True})]
        for name in self.simulated:
            node = yaml.safe_load((MANIFESTS / "node.yaml").read_text())
            node["metadata"]["name"] = name
            node["metadata"]["labels"] |= {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": name}
            documents.append(yaml.safe_dump(node))
        return "---\n".join(documents)

    def given(self) -> str:
        """Nothing: a simulated pod needs nothing."""
        return ""

    def idle_ports(self, ports: Mapping[str, int], living: Mapping[str, psutil.Process]) -> list[int]:
        """Those of processes that do not live."""
        return [port for name, port in ports.items() if name.removesuffix("-peer") not in living]

    def holds(self, living: Mapping[str, psutil.Process]) -> bool:
        """Always: each process can be started again by itself."""
        return True

    def end(self, state: Path, living: Mapping[str, psutil.Process]) -> None:
        """The stores last."""
        _end_in_turn(living, (STATELESS, *((name,) for name in STORES)))


class RealNode(Nodes):
    """One node whose pods run, in namespaces of its own, and a simulated one beside it for pods without an image."""

    kind = "real"
    processes = (HOLDER, CONTAINERD, *PROCESSES[:5], *NODE_PORTS)
    ports = (*PROCESSES[:5], "etcd-peer", *NODE_PORTS)
    simulated = (SIMULATED_NAME,)

    def description(self, state: Path) -> str:
        """Pods whose image cannot be had."""
        return Origins.of(Place(state)).description()

    def programs(self, state: Path, ports: Mapping[str, int], report: Callable[[str], None]) -> Iterator[Program]:
        """The namespaces, containerd with the images beside the control plane, and the node."""
        place = Place(state)
        yield holder(place, ports)
        inside = place.entered("net")
        simulation = kwok(
            state,
            ports,
            "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
            f"--cidr={SIMULATED_POD_RANGE}",
            f"--node-ip={SIMULATED_ADDRESS}",
        )
        yield runtime(place)
        # Images take as long as all the rest, which is mostly waiting.
        with ThreadPoolExecutor(1) as pool:
            images = pool.submit(import_images, place, report)
            for program in (*control_plane(state, ports, advertised=ADDRESS), simulation):
                yield replace(program, arguments=[*inside, *program.arguments])
            images.result()
        yield from node_programs(place, ports)

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
                "folder": str(Place(state).volumes),
            },
            "access": {},
            "simulated": {
                "name": SIMULATED_NAME,
                "address": SIMULATED_ADDRESS,
                "condition": json.dumps(_asks_for(Origins.of(Place(state)).lacking())),
            },
        }
        return "---\n".join(
            string.Template((REAL_MANIFESTS / f"{name}.yaml").read_text()).substitute(filled)
            for name, filled in words.items()
        )

    def given(self) -> str:
        """The Secret that the example of a watched database names, without which its exporter does not start."""
        return (REAL_MANIFESTS / "example.yaml").read_text()

    def idle_ports(self, ports: Mapping[str, int], living: Mapping[str, psutil.Process]) -> list[int]:
        """None while the namespaces are held: their holder listens on all."""
        return [] if HOLDER in living else list(ports.values())

    def holds(self, living: Mapping[str, psutil.Process]) -> bool:
        """Only while the namespaces are held: new ones are others."""
        return HOLDER in living

    def end(self, state: Path, living: Mapping[str, psutil.Process]) -> None:
        """What starts pods, then the pods, the stores, and the namespaces with all that is in them."""
        _end_in_turn(living, ((*NODE_PORTS, *STATELESS),))
        cgroups.end(Place(state).identifier)
        _end_in_turn(living, (*((name,) for name in STORES), (CONTAINERD, HOLDER)))
        end(living.values())  # and what a command that was killed had left at work inside


KINDS: Final[Mapping[str, Nodes]] = {"simulated": SimulatedNodes(), "real": RealNode()}


def _end_in_turn(living: Mapping[str, psutil.Process], groups: Sequence[Sequence[str]]) -> None:
    for group in groups:
        end([living[name] for name in group if name in living])


def _asks_for(images: Sequence[Image]) -> str:
    """CEL: whether a pod has a container of one of these images, in whatever version."""
    names = [f"c.image.startsWith('{image.repository}:')" for image in images]
    return f"object.spec.containers.exists(c, {' || '.join(names) or 'false'})"
