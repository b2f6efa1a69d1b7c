"""Deploys a stack with the real engine, and brings back one that an earlier run left in the middle."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from local.control_plane import ControlPlane
from local.tools import binary, set_folder

PROJECT = Path(__file__).parents[1]
LOCAL_PASSPHRASE = "local"
"""Opens the secrets of Pulumi.local.yaml, which are no secrets: they point at this machine."""
RELEASE_TYPE = "kubernetes:helm.sh/v3:Release"


class DeploymentError(Exception):
    """The engine ended with an error, which it has printed."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A stack of this project on an embedded control plane.

    Args:
        project: Folder that holds Pulumi.yaml.
        stack: Name of the stack.
        control_plane: Where it is deployed to; its state folder also keeps the stack's state.
    """

    project: Path
    stack: str
    control_plane: ControlPlane

    @property
    def backend(self) -> Path:
        """Folder of the stack's state."""
        return self.control_plane.state / "pulumi"

    def environment(self) -> dict[str, str]:
        """What `pulumi` and `kubectl` need to work on this stack by hand."""
        return {
            "PATH": f"{set_folder() / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "KUBECONFIG": str(self.control_plane.kubeconfig),
            "PULUMI_BACKEND_URL": self.backend.as_uri(),
            "PULUMI_HOME": str(set_folder() / "pulumi"),
            "PULUMI_CONFIG_PASSPHRASE": os.environ.get("PULUMI_CONFIG_PASSPHRASE", LOCAL_PASSPHRASE),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_STACK": self.stack,
        }

    def select(self) -> None:
        """Create the stack if it is not there, and select it."""
        self.backend.mkdir(parents=True, exist_ok=True)
        self._pulumi("stack", "select", "--create", self.stack, "--non-interactive")

    def up(self, report: Callable[[str], None] = lambda _: None) -> None:
        """Deploy; the engine's progress goes to the terminal.

        Raises:
            DeploymentError: the engine failed.
        """
        for line in self.recover():
            report(f"cleared the {line}")
        command = ["up", "--yes", "--skip-preview", "--stack", self.stack, "--suppress-permalink", "--suppress-outputs"]
        if self._run(command).returncode:
            raise DeploymentError("the deployment is not whole; its errors stand above, and `make up` again goes on")

    def destroy(self) -> None:
        """Take the stack's resources out of the cluster.

        Raises:
            DeploymentError: the engine failed.
        """
        self.recover()
        if self._run(
            ["destroy", "--yes", "--skip-preview", "--stack", self.stack, "--suppress-permalink", "--suppress-outputs"]
        ).returncode:
            raise DeploymentError("not everything is destroyed; the errors stand above")

    def export(self) -> Mapping[str, object]:
        """The stack's state; empty for a stack that was never deployed."""
        state: dict[str, object] = json.loads(self._pulumi("stack", "export", "--stack", self.stack))
        deployment = state.get("deployment")
        return deployment if isinstance(deployment, dict) else {}

    def outputs(self) -> dict[str, object]:
        """The stack's outputs, secrets masked."""
        outputs: dict[str, object] = json.loads(self._pulumi("stack", "output", "--json", "--stack", self.stack))
        return outputs

    # --- after an interruption -------------------------------------------------------------------------------------

    def recover(self) -> list[str]:
        """Clear what a killed run leaves behind and return what was cleared, a line each.

        A lock whose holder is gone; and Helm's own records of a release that is neither deployed nor known to the
        engine, without which Helm refuses the name ("another operation is in progress", "cannot re-use a name").
        The objects of such a release stay: Helm takes them over again by their annotations.
        """
        cleared = []
        if self._stale_locks():
            self._pulumi("cancel", "--yes", "--stack", self.stack)
            cleared.append(f"lock of an ended run on stack {self.stack}")
        known = self._known_releases()
        for metadata in self._release_records():
            labels, namespace, name = metadata["labels"], metadata["namespace"], metadata["name"]
            if labels["status"].startswith("pending-") or (namespace, labels["name"]) not in known:
                self.control_plane.kubectl("delete", "secret", "--namespace", namespace, name, "--ignore-not-found")
                cleared.append(f"record {name} of an interrupted release ({labels['status']})")
        return cleared

    def _stale_locks(self) -> list[Path]:
        locks = (self.backend / ".pulumi" / "locks").rglob("*.json")
        return [path for path in locks if not psutil.pid_exists(int(json.loads(path.read_text())["pid"]))]

    def _known_releases(self) -> set[tuple[str, str]]:
        resources = self.export().get("resources")
        known = set()
        for resource in resources if isinstance(resources, list) else []:
            if resource["type"] == RELEASE_TYPE and resource.get("outputs"):
                known.add((resource["outputs"]["namespace"], resource["outputs"]["name"]))
        return known

    def _release_records(self) -> list[dict[str, Any]]:
        """Metadata of Helm's records; on an embedded control plane every release is this stack's."""
        listed = self.control_plane.kubectl("get", "secrets", "--all-namespaces", "-l", "owner=helm", "--output=json")
        return [item["metadata"] for item in json.loads(listed)["items"]]

    # --- the engine ------------------------------------------------------------------------------------------------

    def _run(self, arguments: list[str]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [str(binary("pulumi")), *arguments],
            cwd=self.project,
            env=os.environ | self.environment(),
            check=False,
        )

    def _pulumi(self, *arguments: str) -> str:
        """Run pulumi quietly and return what it prints.

        Raises:
            DeploymentError: it failed; the message is the engine's.
        """
        answer = subprocess.run(
            [str(binary("pulumi")), *arguments],
            cwd=self.project,
            env=os.environ | self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            raise DeploymentError(answer.stderr.strip() or answer.stdout.strip())
        return answer.stdout
