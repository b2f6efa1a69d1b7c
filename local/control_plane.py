"""A real Kubernetes control plane as plain processes on loopback, with nodes and pods simulated by KWOK."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import yaml
from filelock import FileLock

from local.access import choose_ports, kubeconfig_path, read_ports, write_kubeconfigs, write_private
from local.certificates import ensure_certificates
from local.processes import ProcessError, end, listening, running, start, wait_ready
from local.programs import PORTS, PROCESSES, answers, programs
from local.tools import binary, set_folder

CHECK_INTERVAL = 1.0
"""Seconds between two looks at the processes while a deployment runs."""
NODES = ("node-1", "node-2", "node-3")
NODE = Path(__file__).parent / "manifests" / "node.yaml"
GROWTH = Path(__file__).parent / "manifests" / "claim-growth.yaml"
STAGES = ("node/fast", "node/heartbeat-with-lease", "pod/fast", "volume/fast")
"""What KWOK simulates, by folder of its own stages."""


class KubectlError(Exception):
    """The API server refused something or did not answer; the message is kubectl's."""


class ControlPlane:
    """The control plane of one state folder; several can run side by side.

    Args:
        state: Folder of everything it writes.
        name: Name of the kubeconfig's context.
    """

    def __init__(self, state: Path, name: str) -> None:
        self.state = state.resolve()
        self.name = name
        self.kubeconfig = kubeconfig_path(self.state)

    @property
    def ports(self) -> dict[str, int]:
        """Ports by process name."""
        return read_ports(self.state)

    def start(self, report: Callable[[str], None] = lambda _: None) -> list[str]:
        """Start what does not run, or runs in another version, and return its names; nothing where all is well.

        Raises:
            ProcessError: a process does not become ready.
            KubectlError: nodes and storage class cannot be written.
        """
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        whole = self.state / "whole"
        with self._lock():
            living = running(self.state)
            outdated = [name for name, process in living.items() if not _is_current(process)]
            if set(PROCESSES) <= set(living) and not outdated and whole.exists():
                return []
            end(living.pop(name) for name in outdated)
            whole.unlink(missing_ok=True)
            ensure_certificates(self.state / "certificates")
            self._settle_ports(living)
            write_kubeconfigs(self.state, self.name, self.ports["kube-apiserver"])
            self._write_stages()
            started = []
            for program in programs(self.state, self.ports):
                report(program.name)
                process = living.get(program.name)
                if process is None:
                    if program.name == "kwok":
                        self._release_nodes()
                    process = start(program, self.state)
                    started.append(program.name)
                wait_ready(program, process, self.state)
            self._apply_manifests()
            whole.touch()
            return started

    def stop(self) -> list[str]:
        """End every process of this control plane and return their names."""
        if not self.state.exists():
            return []
        with self._lock():
            living = running(self.state)
            # The stores last: a process that loses its API server writes pages of errors while it waits for its end.
            for group in (PROCESSES[2:], PROCESSES[1:2], PROCESSES[:1]):
                end([living[name] for name in group if name in living])
            return [name for name in reversed(PROCESSES) if name in living]

    @contextmanager
    def kept_running(self, report: Callable[[str], None]) -> Iterator[None]:
        """Restart, for as long as the block runs, every process that ends."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(CHECK_INTERVAL):
                try:
                    if started := self.start():
                        report(f"had ended and was started again: {', '.join(started)}")
                except (ProcessError, KubectlError, OSError) as error:
                    report(str(error))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def processes(self) -> dict[str, psutil.Process]:
        """The living processes by name."""
        return running(self.state)

    def answers(self) -> bool:
        """Whether the API server says that it is ready."""
        return answers(self.state, self.ports, "kube-apiserver", "/readyz")

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        """Run kubectl as admin, with `text` as its input, and return what it prints.

        Raises:
            KubectlError: it failed.
        """
        command = [str(binary("kubectl")), "--kubeconfig", str(self.kubeconfig), *arguments]
        try:
            answer = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=120)
        except FileNotFoundError:
            raise KubectlError("kubectl is not built for this checkout; run `make tools`") from None
        except subprocess.TimeoutExpired:
            raise KubectlError(f"kubectl {arguments[0]}: no answer within 120 s") from None
        if answer.returncode:
            raise KubectlError(f"kubectl {arguments[0]}: {answer.stderr.strip()}")
        return answer.stdout

    def _lock(self) -> FileLock:
        return FileLock(self.state / "control-plane.lock")

    def _settle_ports(self, living: dict[str, psutil.Process]) -> None:
        """Keep the ports of an earlier start, unless somebody else has taken one since (after a reboot, say)."""
        ports = self.ports
        idle = [port for name, port in ports.items() if name.removesuffix("-peer") not in living]
        if set(ports) == set(PORTS) and not any(listening(port) for port in idle):
            return
        end(living.values())  # they know each other by port
        living.clear()
        choose_ports(self.state, PORTS)

    def _write_stages(self) -> None:
        files = [path for folder in STAGES for path in sorted((binary("kwok-stages") / folder).glob("*.yaml"))]
        stages = [text for path in (*files, GROWTH) if "kind: Stage" in (text := path.read_text())]
        write_private(self.state / "stages.yaml", "---\n".join(stages))

    def _release_nodes(self) -> None:
        """Drop the leases of an earlier KWOK: the next one has another name, and would wait 40 s for their end."""
        self.kubectl("delete", "leases", "--namespace=kube-node-lease", "--ignore-not-found", *NODES)

    def _apply_manifests(self) -> None:
        storage_class = yaml.safe_load((binary("kwok-stages") / "volume/fast/storage-class.yaml").read_text())
        documents = [yaml.safe_dump(storage_class | {"allowVolumeExpansion": True})]
        for name in NODES:
            node = yaml.safe_load(NODE.read_text())
            node["metadata"]["name"] = name
            node["metadata"]["labels"] |= {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": name}
            documents.append(yaml.safe_dump(node))
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", text="---\n".join(documents))


def _is_current(process: psutil.Process) -> bool:
    """Whether a process runs (or waits to run) a tool of this checkout's present set."""
    try:
        words = process.cmdline()  # empty for the moment in which it becomes another program
        return not words or any(word.startswith(str(set_folder())) for word in words)
    except psutil.Error:
        return False
