"""The demo platform of an environment: settings, start, stop and status."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

import psutil
import yaml

from common.yaml_files import InvalidFileError, read_yaml
from local.control_plane.lifecycle import ControlPlane
from local.demo.fake_receivers import PAGERDUTY
from local.demo.message_log import LoggedMessage, messages_about, read_messages
from local.demo.programs import PROGRAMS, READER, programs
from local.demo.services import manifests, services
from local.deploy.status import StatusRow
from local.nodes.image_sources import ImageSources
from local.nodes.layout import SIMULATED_NAME, NodeLayout
from local.private_files import write_private
from local.processes import end, running, start, wait_ready

SETTINGS: Final = Path(__file__).with_name("settings.yaml")
# Fires on the healthy platform, to prove delivery end to end.
DEMO_ALERT: Final = "CertificateExpiryCritical"
# Addresses that must receive it, as every critical alert.
EXPECTED_ADDRESSES: Final = frozenset({"#bais-critical", PAGERDUTY, "on-call@bais.example"})
# Seconds from the deployment to the receivers.
DELIVERY_TIMEOUT: Final = 180.0


class Demo:
    """The demo platform next to the stack on a real node.

    Args:
        control_plane: Control plane of the environment.
        stack_file: Stack file that its settings are merged into.
    """

    def __init__(self, control_plane: ControlPlane, stack_file: Path) -> None:
        self.control_plane = control_plane
        self.state = control_plane.demo
        self.stack_file = stack_file

    @property
    def settings(self) -> Path:
        """Stack file with the settings of the demo platform; exists while it is enabled."""
        return self.state / self.stack_file.name

    @property
    def is_enabled(self) -> bool:
        """Whether the demo platform is enabled."""
        return self.settings.exists()

    def enable(self) -> None:
        """Enable the demo platform with the current settings."""
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._write_settings()

    def refresh_settings(self) -> None:
        """Merge the current stack file into the settings of the demo platform, if it is enabled."""
        if self.is_enabled:
            self._write_settings()

    def remove(self) -> None:
        """Stop the demo platform and delete its data."""
        self.stop()
        if self.state.exists():
            shutil.rmtree(self.state)

    def start(self, report: Callable[[str], None] = lambda _: None) -> list[str]:
        """Start missing processes and return their names.

        Processes in the network of an earlier node are restarted.

        Raises:
            ProcessError: a process does not become ready.
            KubectlError: the Services cannot be applied.
            UnavailableError: PostgreSQL or Redis is not available.
        """
        layout = NodeLayout(self.control_plane.state)
        # The sources of the images are known only now.
        self._write_settings()
        running_processes = running(self.state)
        node_network = _network_namespace(layout.holder_pid())
        _end(
            [
                running_processes.pop(name)
                for name, process in list(running_processes.items())
                if _network_namespace(process.pid) != node_network
            ]
        )
        for address in sorted({each for service in services().values() for each in service.addresses}):
            command = [*layout.nsenter("net"), "ip", "address", "replace", f"{address}/32", "dev", "lo"]
            subprocess.run(command, check=True)
        # The programs are independent: start all, then wait for all.
        all_programs = list(programs(self.state, layout))
        started = [program.name for program in all_programs if program.name not in running_processes]
        for program in all_programs:
            report(program.name)
            if program.name in started:
                running_processes[program.name] = start(program, self.state)
        for program in all_programs:
            wait_ready(program, running_processes[program.name], self.state)
        self._apply(yaml.safe_dump_all(manifests()))
        # No pod of the stack needs the simulated node, and a node without a kubelet is a target that is down.
        self.control_plane.kubectl("delete", "node", SIMULATED_NAME, "--ignore-not-found")
        return started

    def apply_external_objects(self) -> None:
        """Apply the database login and the objects that other teams provide."""
        self.control_plane.apply_external_objects()
        self._apply(READER.read_text())

    def stop(self) -> list[str]:
        """Stop all its processes and return their names."""
        running_processes = running(self.state)
        _end(running_processes.values())
        return [name for name in PROGRAMS if name in running_processes]

    def wait_for_delivery(self) -> Mapping[str, LoggedMessage]:
        """Wait for the demo alert and return the messages about it by address.

        After DELIVERY_TIMEOUT the result is incomplete or empty.
        """
        deadline = time.monotonic() + DELIVERY_TIMEOUT
        while (
            not set(found := messages_about(read_messages(self.state), DEMO_ALERT)) >= EXPECTED_ADDRESSES
            and time.monotonic() < deadline
        ):
            time.sleep(0.5)
        return found

    def status_rows(self) -> list[StatusRow]:
        """Return the status of its processes and of the messages per receiver."""
        running_processes, services_by_name = running(self.state), services()
        rows = []
        for name in PROGRAMS:
            state = f"running, pid {running_processes[name].pid}" if name in running_processes else "not running"
            service = services_by_name.get(name)
            note = f"{service.host}:{service.port}" if service else "Slack, PagerDuty, mail, dead man's switch"
            rows.append(StatusRow("demo", name, state, name in running_processes, note))
        return [*rows, *_message_rows(read_messages(self.state))]

    def _write_settings(self) -> None:
        try:
            content = read_yaml(self.stack_file)
        except InvalidFileError:
            content = None
        if not isinstance(content, dict) or not isinstance(content.get("config"), dict):
            # The checks of the settings, which every command runs, say what is wrong with it.
            shutil.copyfile(self.stack_file, self.settings)
            return
        # A simulated pod would be a target that is down and page.
        is_simulated = ImageSources.load(NodeLayout(self.control_plane.state)).unavailable()
        more = {"monitoring:grafana": {"enabled": False}} if is_simulated else {}
        for key, section in (yaml.safe_load(SETTINGS.read_text()) | more).items():
            before = content["config"].get(key)
            content["config"][key] = before | section if isinstance(before, dict) else section
        write_private(self.settings, yaml.safe_dump(content, sort_keys=False))

    def _apply(self, text: str) -> None:
        self.control_plane.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", text=text)


def _message_rows(messages: list[LoggedMessage]) -> list[StatusRow]:
    """Return one row per address: number of messages and the last one."""
    rows = []
    for address in sorted({message.address for message in messages}):
        address_messages = [message for message in messages if message.address == address]
        last = f"last {address_messages[-1].at[11:19]} {address_messages[-1].title}"
        name, noun = (address, "message") if address else ("refused", "request")
        count_text = f"{len(address_messages)} {noun}{'s' if len(address_messages) > 1 else ''}"
        rows.append(StatusRow("messages", name, count_text, bool(address), last))
    return rows


def _end(processes: Collection[psutil.Process]) -> None:
    """Stop processes with SIGINT.

    With SIGTERM PostgreSQL would wait for open sessions.
    """
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT)
    end(processes)


def _network_namespace(process: int) -> str:
    """Return the identity of the network namespace of a process."""
    return str(Path(f"/proc/{process}/ns/net").readlink())
