"""Deploys a stack with the real engine, and brings back one that an earlier run left in the middle."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from local.control_plane.lifecycle import ControlPlane
from local.deploy.helm_records import with_status
from local.tools.toolset import binary, set_folder
from manifests.charts import RELEASED

LOCAL_PASSPHRASE = "local"
"""Opens the secrets of Pulumi.local.yaml, which are no secrets: they point at this machine."""
RELEASE_TYPE = "kubernetes:helm.sh/v3:Release"
POLICY_PACK = ("--policy-pack", "policy")
"""What every preview and every update is told, in the project's folder: refuse what the pack refuses."""
DEMO_POLICY = ("--policy-pack-config", "local/demo/policy.json")
"""With the demo platform an environment pages that is not production: it pages the demo platform."""


class DeploymentError(Exception):
    """A deployment cannot be begun or did not end well; the message says what to do."""


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

    @property
    def settings(self) -> Path:
        """The stack's settings: those with the demo platform, where the environment has it."""
        folder = self.control_plane.demo if self.has_demo else self.project
        return folder / f"Pulumi.{self.stack}.yaml"

    @property
    def has_demo(self) -> bool:
        """Whether its environment has the demo platform."""
        return (self.control_plane.demo / f"Pulumi.{self.stack}.yaml").exists()

    def environment(self) -> dict[str, str]:
        """What `pulumi` and `kubectl` need to work on this stack."""
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
        """Create the stack if it is not there, and select it."""
        self.backend.mkdir(parents=True, exist_ok=True)
        self._pulumi("stack", "select", "--create", self.stack, "--non-interactive")

    def up(self, report: Callable[[str], None] = lambda _: None) -> None:
        """Deploy; the engine's progress goes to the terminal.

        Raises:
            DeploymentError: the engine failed, or somebody else's engine is at work on the stack.
        """
        demo = DEMO_POLICY if self.has_demo else ()
        self._change(["up", *POLICY_PACK, *demo], report)

    def destroy(self, report: Callable[[str], None] = lambda _: None) -> None:
        """Take the stack's resources out of the cluster.

        Raises:
            DeploymentError: the engine failed, or somebody else's engine is at work on the stack.
        """
        self._change(["destroy"], report)

    def is_deployed(self) -> bool:
        """Whether the engine knows of a release in the cluster."""
        return bool(self._known_releases())

    def export(self) -> Mapping[str, Any]:
        """The stack's state; empty for a stack that was never deployed."""
        state: dict[str, dict[str, Any] | None] = json.loads(self._pulumi("stack", "export", "--stack", self.stack))
        return state.get("deployment") or {}

    # --- after an interruption -------------------------------------------------------------------------------------

    def recover(self) -> list[str]:
        """Clear what a killed run leaves behind and return what was cleared, a line each.

        A lock whose holder is gone; and Helm's own records of releases of ours with which it refuses to go on. Those
        of a release that the engine does not know are deleted ("cannot re-use a name"): its objects stay, Helm takes
        them over again by their annotations. Of one that it knows, an unfinished revision ("another operation is in
        progress") has failed, as Helm itself would have written: the next one is an upgrade, and needs one before it.

        Raises:
            DeploymentError: the holder of a lock lives: the stack is being changed at this moment.
        """
        cleared = []
        for lock in (self.backend / ".pulumi" / "locks").rglob("*.json"):
            if holder := lock_holder(lock):
                raise DeploymentError(f"process {holder} is changing stack {self.stack}; wait for its end, or end it")
            lock.unlink()
            cleared.append(f"lock of an ended run on stack {self.stack}")
        known = self._known_releases()
        for record in self._release_records():
            labels, namespace, name = (record["metadata"][key] for key in ("labels", "namespace", "name"))
            if (namespace, labels["name"]) not in known:
                self.control_plane.kubectl("delete", "secret", "--namespace", namespace, name, "--ignore-not-found")
            elif labels["status"].startswith("pending-"):
                self.control_plane.kubectl("replace", "--filename=-", text=json.dumps(with_status(record, "failed")))
            else:
                continue
            cleared.append(f"record {name} of an interrupted release ({labels['status']})")
        return cleared

    def _known_releases(self) -> set[tuple[str, str]]:
        return {
            (resource["outputs"]["namespace"], resource["outputs"]["name"])
            for resource in self.export().get("resources", [])
            if resource["type"] == RELEASE_TYPE and resource.get("outputs")
        }

    def _release_records(self) -> list[dict[str, Any]]:
        """Helm's records of releases of ours; somebody else's are theirs."""
        listed = self.control_plane.kubectl("get", "secrets", "--all-namespaces", "-l", "owner=helm", "--output=json")
        records = json.loads(listed)["items"]
        return [
            each for each in records if any(chart.has_release(each["metadata"]["labels"]["name"]) for chart in RELEASED)
        ]

    # --- the engine ------------------------------------------------------------------------------------------------

    def _change(self, command: Sequence[str], report: Callable[[str], None]) -> None:
        for line in self.recover():
            report(f"cleared the {line}")
        arguments = [
            "--yes",
            "--skip-preview",
            "--stack",
            self.stack,
            "--suppress-permalink=true",
            "--suppress-outputs",
        ]
        engine = subprocess.Popen(
            [str(binary("pulumi")), *command, *arguments], cwd=self.project, env=os.environ | self.environment()
        )
        while True:
            try:
                returncode = engine.wait()
                break
            except KeyboardInterrupt:
                # The engine got it too. It ends what it has begun, or, asked a second time, stops at once.
                report("waiting for the engine to end what it has begun")
        if returncode:
            raise DeploymentError(
                f"`pulumi {command[0]}` failed; its errors stand above, and a second run goes on from here"
            )

    def _pulumi(self, *arguments: str) -> str:
        """Run pulumi quietly and return what it prints.

        Raises:
            DeploymentError: it failed; the message is the engine's.
        """
        drop_damaged_attributes(self.backend)
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


def drop_damaged_attributes(backend: Path) -> None:
    """Delete the files of attributes that a killed engine left empty or cut off.

    The engine writes such a file beside each of its own, and unlike those in place; without it all is well, but with
    a damaged one it reads nothing of the stack ("failed to load checkpoint: EOF").
    """
    for attributes in backend.rglob("*.attrs"):
        try:
            json.loads(attributes.read_text())
        except ValueError:
            attributes.unlink(missing_ok=True)


def lock_holder(lock: Path) -> int | None:
    """Process id of the living engine that holds a lock; none where it is gone, or another process has its id now."""
    try:
        content = json.loads(lock.read_text())
        process, taken = psutil.Process(int(content["pid"])), datetime.fromisoformat(content["timestamp"])
        ended = process.status() == psutil.STATUS_ZOMBIE
        return None if ended or process.create_time() > taken.timestamp() else process.pid
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None
