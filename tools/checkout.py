"""A copy of the project with its own state and control plane, for tests and tools."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import psutil
import yaml

from common.project import PROJECT
from local.control_plane.lifecycle import ControlPlane
from local.deploy.charts import choose_chart_source, provide_charts
from local.deploy.deployment import Deployment
from local.tools.toolset import binary
from manifests import artifacts
from tools.supply_chain.artifacts import rendered

COPIED_PATHS: Final = (
    "Pulumi.yaml",
    "__main__.py",
    "catalogue",
    "common",
    "components",
    "dashboards",
    "local",
    "manifests",
    "operations",
    "outputs.py",
    "policy",
    "preflight",
    "routing",
    "rules",
    "runbooks",
    "scripts",
    "settings",
    "synthetic",
    "verification",
    "requirements.lock",
    "Makefile",
)


class Checkout:
    """A copy of the project with its own state.

    Its nodes are simulated unless a command requests real ones (`--node real`).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        for name in (*COPIED_PATHS, *(path.name for path in PROJECT.glob("Pulumi.*.yaml"))):
            source = PROJECT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, folder / name)
        # The charts of a copy are stand-ins, or changed by a test, so none is compared with its recorded digest.
        (folder / "manifests" / artifacts.LOCK.name).write_text(rendered(replace(artifacts.recorded(), charts={})))
        (folder / ".venv").symlink_to(PROJECT / ".venv")
        self.control_plane = ControlPlane(folder / ".state" / "local", "bais-local")
        self.deployment = Deployment(project=folder, stack="local", control_plane=self.control_plane)

    def replace_settings(self, **sections: Mapping[str, Any]) -> None:
        """Replace sections of the settings of stack `local`.

        All other sections are those of the project.
        """
        path = self.folder / "Pulumi.local.yaml"
        content = yaml.safe_load((PROJECT / path.name).read_text())
        content["config"] |= {f"monitoring:{name}": section for name, section in sections.items()}
        path.write_text(yaml.safe_dump(content))

    @contextlib.contextmanager
    def edit_settings(self) -> Iterator[dict[str, Any]]:
        """Yield the settings of stack `local` in this copy and write them back at the end."""
        path = self.folder / "Pulumi.local.yaml"
        content = yaml.safe_load(path.read_text())
        yield content["config"]
        path.write_text(yaml.safe_dump(content))

    @property
    def charts(self) -> Path:
        """Folder of the charts."""
        return self.folder / ".state" / "charts"

    def provide_charts(self, folder: Path | None = None) -> None:
        """Provide the charts of a folder; by default those of the first time, upstream charts, or stand-ins."""
        provide_charts(self.charts, choose_chart_source(self.charts, folder))

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command behind the Makefile."""
        # A test can send signals to the whole group, as a terminal does.
        command = (sys.executable, "-m", "local", *arguments)
        return self._start(command, {"NODE": "simulated"} | environment, process_group=0)

    def run(self, *arguments: str, timeout: float = 300, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command behind the Makefile to its end; `stdout` includes errors."""
        return _finished(self.start(*arguments, **environment), arguments, timeout)

    def start_engine(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a plain `pulumi` command on stack `local`; its output includes errors and debug log."""
        command = (str(binary("pulumi")), *arguments, "--stack=local", "--non-interactive")
        return self._start(command, self.deployment.environment())

    def run_engine(self, *arguments: str, timeout: float) -> subprocess.CompletedProcess[str]:
        """Run a plain `pulumi` command on stack `local` to its end."""
        return _finished(self.start_engine(*arguments), arguments, timeout)

    def engine_processes(self) -> list[psutil.Process]:
        """Return the processes of the engine, with plug-ins and program."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("PULUMI_BACKEND_URL") == self.deployment.backend.as_uri():
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def recover(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `make recover` on stack `local`; without `--yes` it asks no question and changes nothing."""
        return self.operate("recover", *arguments)

    def operate(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `python -m operations` to its end; `stdout` includes errors."""
        command = (sys.executable, "-m", "operations", *arguments)
        return _finished(self._start(command, environment), arguments, timeout=240)

    def health(self) -> tuple[int, list[dict[str, Any]]]:
        """Run the script of the health check on stack `local`; return its exit code and its checks."""
        script = self.folder / "scripts" / "monitoring-health-check.sh"
        # In another folder than the project, as a user may.
        result = subprocess.run(
            [str(script), "--json"], cwd=self.folder.parent, stdout=subprocess.PIPE, text=True, timeout=120, check=False
        )
        return result.returncode, json.loads(result.stdout)["checks"]

    def _start(
        self, command: Sequence[str], environment: Mapping[str, str], process_group: int | None = None
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=process_group,
        )


def _finished(
    started: subprocess.Popen[str], arguments: tuple[str, ...], timeout: float
) -> subprocess.CompletedProcess[str]:
    with started as process:
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return subprocess.CompletedProcess(arguments, process.returncode, output)
