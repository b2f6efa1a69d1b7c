"""Deployment with the Pulumi engine and recovery from interrupted runs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psutil

from local.control_plane.lifecycle import ControlPlane
from local.deploy.helm_records import record_changes
from local.tools.toolset import binary, set_folder

# Decrypts the values in Pulumi.local.yaml, which are not confidential: they point to this machine.
LOCAL_PASSPHRASE: Final = "local"
RELEASE_TYPE: Final = "kubernetes:helm.sh/v3:Release"
# Options of every preview and update that enforce the policy pack.
POLICY_PACK: Final = ("--policy-pack", "policy")
# Options of a change that was already previewed, or needs no preview.
WITHOUT_QUESTION: Final = ("--yes", "--skip-preview")
# Allows paging outside production: with the demo platform, pages go to its fake receivers.
DEMO_POLICY: Final = ("--policy-pack-config", "local/demo/policy.json")


class DeploymentError(Exception):
    """A deployment cannot start or failed; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A stack of this project on an embedded control plane.

    Attributes:
        project: Folder of Pulumi.yaml.
        stack: Name of the stack.
        control_plane: Target of the deployment; its state folder also contains the state of the stack.
    """

    project: Path
    stack: str
    control_plane: ControlPlane

    @property
    def backend(self) -> Path:
        """Folder of the state of the stack."""
        return self.control_plane.state / "pulumi"

    @property
    def settings(self) -> Path:
        """Stack file in use: the one of the demo platform if it is enabled."""
        folder = self.control_plane.demo if self.has_demo else self.project
        return folder / f"Pulumi.{self.stack}.yaml"

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Namespaces of the stack's releases."""
        # Imported here: the settings take half a second to import, and only a deployment needs them.
        from settings.fields import NODE_EXPORTER_SUFFIX
        from settings.sources import from_file

        namespace = from_file(self.settings, self.project / "Pulumi.yaml").values["namespace"]
        return str(namespace), f"{namespace}{NODE_EXPORTER_SUFFIX}"

    @property
    def has_demo(self) -> bool:
        """Whether the demo platform is enabled."""
        return (self.control_plane.demo / f"Pulumi.{self.stack}.yaml").exists()

    @property
    def policy_options(self) -> tuple[str, ...]:
        """Options of every preview and update, which enforce the policy pack."""
        return (*POLICY_PACK, *(DEMO_POLICY if self.has_demo else ()))

    def environment(self) -> dict[str, str]:
        """Return the environment variables for `pulumi` and `kubectl`."""
        return {
            "PATH": f"{set_folder() / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "KUBECONFIG": str(self.control_plane.kubeconfig),
            "PULUMI_BACKEND_URL": self.backend.as_uri(),
            "PULUMI_HOME": str(set_folder() / "pulumi"),
            "PULUMI_CONFIG_PASSPHRASE": os.environ.get("PULUMI_CONFIG_PASSPHRASE", LOCAL_PASSPHRASE),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_STACK": self.stack,
            **({"PULUMI_OPTION_CONFIG_FILE": str(self.settings)} if self.has_demo else {}),
        }

    def select(self) -> None:
        """Select the stack; create it if it does not exist."""
        self.backend.mkdir(parents=True, exist_ok=True)
        self._pulumi("stack", "select", "--create", self.stack, "--non-interactive")

    def preview(self, report: Callable[[str], None] = lambda _: None) -> None:
        """Show what `up` would change.

        Raises:
            DeploymentError: the engine failed, or another engine is changing the stack.
        """
        self._run_engine(["preview", *self.policy_options], report)

    def up(self, report: Callable[[str], None] = lambda _: None) -> None:
        """Deploy the stack; the progress of the engine goes to the terminal.

        Raises:
            DeploymentError: the engine failed, or another engine is changing the stack.
        """
        self._run_engine(["up", *WITHOUT_QUESTION, *self.policy_options], report)

    def destroy(self, report: Callable[[str], None] = lambda _: None) -> None:
        """Delete the resources of the stack from the cluster.

        Raises:
            DeploymentError: the engine failed, or another engine is changing the stack.
        """
        self._run_engine(["destroy", *WITHOUT_QUESTION], report)

    def is_deployed(self) -> bool:
        """Return whether the state has a Helm release."""
        return bool(releases_in(self.export()))

    def export(self) -> Mapping[str, Any]:
        """Return the state of the stack; empty if it was never deployed."""
        state: dict[str, dict[str, Any] | None] = json.loads(self._pulumi("stack", "export", "--stack", self.stack))
        return state.get("deployment") or {}

    # --- after an interruption -------------------------------------------------------------------------------------

    def recover(self) -> list[str]:
        """Remove leftovers of a killed run and return one line per removed item.

        These are locks whose holder no longer runs, and records of Helm (`helm_records.py`).

        Raises:
            DeploymentError: the holder of a lock still runs, so the stack is being changed now.
        """
        cleared = []
        for lock in (self.backend / ".pulumi" / "locks").rglob("*.json"):
            if holder := lock_holder(lock):
                raise DeploymentError(
                    f"process {holder} is changing stack {self.stack}; wait for it to finish, or stop it"
                )
            lock.unlink()
            cleared.append(f"stale lock of stack {self.stack}")
        kubectl = self.control_plane.kubectl
        listed = kubectl("get", "secrets", "--all-namespaces", "-l", "owner=helm", "--output=json")
        # Releases of the same name in other namespaces are those of others.
        own = [each for each in json.loads(listed)["items"] if each["metadata"]["namespace"] in self.namespaces]
        for change in record_changes(own, releases_in(self.export())):
            kubectl(*change.arguments, text=change.text)
            cleared.append(change.description)
        return cleared

    # --- the engine ------------------------------------------------------------------------------------------------

    def _run_engine(self, command: Sequence[str], report: Callable[[str], None]) -> None:
        for line in self.recover():
            report(f"removed {line}")
        arguments = ["--stack", self.stack, "--suppress-permalink=true", "--suppress-outputs"]
        engine = subprocess.Popen(
            [str(binary("pulumi")), *command, *arguments], cwd=self.project, env=os.environ | self.environment()
        )
        while True:
            try:
                returncode = engine.wait()
                break
            except KeyboardInterrupt:
                # The engine gets the signal too: it completes running operations, or stops at once after a second one.
                report("waiting for the engine to complete running operations")
        if returncode:
            raise DeploymentError(
                f"`pulumi {command[0]}` failed, see the errors above; the next run continues from this state"
            )

    def _pulumi(self, *arguments: str) -> str:
        """Run pulumi with captured output and return its output.

        Raises:
            DeploymentError: it failed; the message is the output of the engine.
        """
        delete_damaged_attributes(self.backend)
        result = subprocess.run(
            [str(binary("pulumi")), *arguments],
            cwd=self.project,
            env=os.environ | self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise DeploymentError(result.stderr.strip() or result.stdout.strip())
        return result.stdout


def releases_in(state: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return namespace and name of each Helm release in a state of the engine."""
    return {
        (resource["outputs"]["namespace"], resource["outputs"]["name"])
        for resource in state.get("resources", [])
        if resource["type"] == RELEASE_TYPE and resource.get("outputs")
    }


def delete_damaged_attributes(backend: Path) -> None:
    """Delete attribute files that a killed engine left empty or truncated.

    The engine writes one attribute file per state file, not atomically. It works without them, but with a damaged
    one it cannot read the stack ("failed to load checkpoint: EOF").
    """
    for attributes in backend.rglob("*.attrs"):
        try:
            json.loads(attributes.read_text())
        except ValueError:
            attributes.unlink(missing_ok=True)


def lock_holder(lock: Path) -> int | None:
    """Return the process id of the running engine that holds a lock.

    None if the engine ended, even if another process has its id now.
    """
    try:
        content = json.loads(lock.read_text())
        process, taken = psutil.Process(int(content["pid"])), datetime.fromisoformat(content["timestamp"])
        ended = process.status() == psutil.STATUS_ZOMBIE
        return None if ended or process.create_time() > taken.timestamp() else process.pid
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None
