"""A real Kubernetes control plane that runs as plain processes."""

from __future__ import annotations

import functools
import hashlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import psutil
from filelock import FileLock

from local.control_plane.certificates import ensure_certificates
from local.control_plane.kubeconfigs import assign_ports, kubeconfig_path, read_ports, write_kubeconfigs
from local.control_plane.programs import is_healthy
from local.nodes import kinds as node_kinds
from local.nodes.import_images import ImageError
from local.nodes.kinds import KINDS, SYSTEM_PROCESSES, Nodes
from local.private_files import write_private
from local.processes import ProcessError, end, environment, is_listening, running, start, wait_ready
from local.tools.toolset import PURPOSES, binary, set_folder

# Seconds between two checks of the processes during a deployment.
CHECK_INTERVAL: Final = 1.0
# A start is retried if another program takes one of the assigned ports during the start.
START_ATTEMPTS: Final = 3
SIMULATED: Final = "simulated"
# Environment variable of a process: the version of the code that defines its command line.
CODE: Final = "BAIS_EMBEDDED_CODE"
_EXTERNAL_OBJECTS: Final = Path(__file__).with_name("manifests") / "external-objects.yaml"


class KubectlError(Exception):
    """A kubectl command failed; the message is the output of kubectl."""


class NodesError(Exception):
    """The requested kind of node is not possible; the message says what to do."""


class ControlPlane:
    """The control plane of one state folder; several can run at the same time.

    Args:
        state: Folder of all its files.
        name: Name of the context in the kubeconfig.
    """

    def __init__(self, state: Path, name: str) -> None:
        self.state = state.resolve()
        self.name = name
        self.kubeconfig = kubeconfig_path(self.state)

    @property
    def demo(self) -> Path:
        """Folder of the demo platform."""
        return self.state / "demo"

    @property
    def ports(self) -> dict[str, int]:
        """Ports by process name."""
        return read_ports(self.state)

    @property
    def nodes(self) -> Nodes:
        """The recorded kind of nodes; simulated nodes if none is recorded."""
        record = self.state / "nodes"
        return KINDS[record.read_text() if record.exists() else SIMULATED]

    @property
    def description(self) -> str:
        """Description of what is real and what is simulated."""
        return self.nodes.description(self.state)

    @property
    def has_node_kind(self) -> bool:
        """Whether the environment has a kind of nodes.

        Environments without a record are older than real nodes and have simulated ones.
        """
        return (self.state / "nodes").exists() or (self.state / "etcd").exists()

    def set_node_kind(self, kind: str) -> None:
        """Record the kind of nodes.

        It cannot change once data are stored, because they belong to one kind.

        Raises:
            NodesError: the environment was created with the other kind.
        """
        if kind != self.nodes.kind and (self.state / "etcd").exists():
            raise NodesError(
                f"this environment was created with NODE={self.nodes.kind}; run `make clean` before NODE={kind}"
            )
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(self.state / "nodes", kind)

    def start(self, report: Callable[[str], None] = lambda _: None) -> list[str]:
        """Start missing and outdated processes and return their names.

        Raises:
            ProcessError: a process does not become ready.
            KubectlError: nodes and storage class cannot be applied.
        """
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._lock():
            for _ in range(START_ATTEMPTS - 1):
                try:
                    return self._start(report)
                except ProcessError:
                    if not self._has_port_conflict(running(self.state)):
                        raise
            return self._start(report)

    def _start(self, report: Callable[[str], None]) -> list[str]:
        complete_marker = self.state / "whole"
        running_processes = running(self.state)
        outdated = [name for name, process in running_processes.items() if not is_current(name, process)]
        nodes = self.nodes
        if set(nodes.processes) <= set(running_processes) and not outdated and complete_marker.exists():
            return []
        complete_marker.unlink(missing_ok=True)
        end(running_processes.pop(name) for name in outdated)
        if not nodes.can_resume(running_processes):
            nodes.end(self.state, running_processes)
            running_processes.clear()
        ensure_certificates(self.state / "certificates")
        self._ensure_ports(running_processes)
        write_kubeconfigs(self.state, self.name, self.ports["kube-apiserver"])
        self._write_stages()
        started = []
        for program in nodes.programs(self.state, self.ports, report):
            report(program.name)
            process = running_processes.get(program.name)
            if process is None:
                if program.name == "kwok":
                    self._delete_node_leases()
                marked = replace(program, environment={**program.environment, CODE: code_version()})
                process = start(marked, self.state)
                started.append(program.name)
            wait_ready(program, process, self.state)
        self._apply_manifests()
        complete_marker.touch()
        return started

    def stop(self) -> list[str]:
        """Stop all processes of this control plane and return their names."""
        if not self.state.exists():
            return []
        with self._lock():
            nodes, running_processes = self.nodes, running(self.state)
            nodes.end(self.state, running_processes)
            return [name for name in reversed(nodes.processes) if name in running_processes]

    @contextmanager
    def supervised(self, report: Callable[[str], None]) -> Iterator[None]:
        """Restart every process that exits while the context lasts."""
        stopped = threading.Event()

        def watch() -> None:
            while not stopped.wait(CHECK_INTERVAL):
                try:
                    if started := self.start():
                        report(f"exited and restarted: {', '.join(started)}")
                except (ProcessError, KubectlError, ImageError, OSError) as error:
                    report(str(error))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            stopped.set()
            watcher.join()

    def apply_external_objects(self) -> None:
        """Apply the namespace of the stack and the Secrets in it that other teams provide."""
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(_EXTERNAL_OBJECTS))

    def processes(self) -> dict[str, psutil.Process]:
        """Return the running processes by name."""
        return running(self.state)

    def is_ready(self) -> bool:
        """Return whether the API server is ready."""
        return is_healthy(self.state, self.ports, "kube-apiserver", "/readyz")

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        """Run kubectl as admin with `text` as its input and return its output.

        Raises:
            KubectlError: the command failed or timed out.
        """
        command = [str(binary("kubectl")), "--kubeconfig", str(self.kubeconfig), *arguments]
        try:
            result = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=120)
        except FileNotFoundError:
            raise KubectlError("kubectl is not built for this checkout; run `make tools`") from None
        except subprocess.TimeoutExpired:
            raise KubectlError(f"kubectl {arguments[0]}: timed out after 120 s") from None
        if result.returncode:
            raise KubectlError(f"kubectl {arguments[0]}: {result.stderr.strip()}")
        return result.stdout

    def _lock(self) -> FileLock:
        return FileLock(self.state / "control-plane.lock")

    def _ensure_ports(self, running_processes: dict[str, psutil.Process]) -> None:
        """Reuse the recorded ports, or assign new ones if another program has taken one.

        That can happen after a reboot.
        """
        nodes = self.nodes
        if set(self.ports) == set(nodes.ports) and not self._has_port_conflict(running_processes):
            return
        nodes.end(self.state, running_processes)  # they are configured with each other's ports
        running_processes.clear()
        assign_ports(self.state, nodes.ports)

    def _has_port_conflict(self, running_processes: dict[str, psutil.Process]) -> bool:
        """Return whether another program listens on one of the ports.

        Two environments that start at the same time may find the same port free.
        """
        return any(map(is_listening, self.nodes.unused_ports(self.ports, running_processes)))

    def _write_stages(self) -> None:
        folders = self.nodes.stages()
        files = [
            path for folder in folders for path in (sorted(folder.glob("*.yaml")) if folder.is_dir() else [folder])
        ]
        stages = [text for path in files if "kind: Stage" in (text := path.read_text())]
        write_private(self.state / "stages.yaml", "---\n".join(stages))

    def _delete_node_leases(self) -> None:
        """Delete the node leases of an earlier KWOK.

        The new KWOK has another identity and would wait 40 s until they expire.
        """
        self.kubectl("delete", "leases", "--namespace=kube-node-lease", "--ignore-not-found", *self.nodes.simulated)

    def _apply_manifests(self) -> None:
        text = self.nodes.manifests(self.state)
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", text=text)


def is_current(name: str, process: psutil.Process) -> bool:
    """Return whether a process runs a current tool, or a system program, and was started by the current code.

    A process that waits to execute the tool counts too.
    """
    try:
        if not (words := process.cmdline()):  # during exec
            return True
        folders = tuple(str(set_folder(purpose)) for purpose in PURPOSES)
        runs_current_tool = name in SYSTEM_PROCESSES or any(word.startswith(folders) for word in words)
        return runs_current_tool and environment(process).get(CODE) == code_version()
    except psutil.Error:
        return False


@functools.cache
def code_version() -> str:
    """Return a hash of the code of the control plane and its nodes."""
    folders = (Path(__file__).parent, Path(node_kinds.__file__).parent)
    content = b"".join(file.read_bytes() for folder in folders for file in sorted(folder.glob("*.py")))
    return hashlib.sha256(content).hexdigest()[:12]
