"""Recovery of a stack whose state and cluster disagree, on any cluster and with any backend of the state."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from rich.console import Console

from common.problems import Problem
from common.project import PROJECT
from local.deploy.deployment import releases_in
from local.deploy.helm_records import RecordChange, record_changes
from local.tools.build import ensure_tools
from operations.stacks import stack_environment, stack_file
from settings.fields import NODE_EXPORTER_SUFFIX
from settings.loader import SettingsError, load_sections
from settings.sources import from_file

_TIMEOUT_SECONDS: Final = 120


class RecoveryError(Exception):
    """The state or the cluster cannot be read or changed."""


@dataclass(frozen=True)
class Step:
    """One change that recovery makes.

    Attributes:
        description: What is changed and why, in one line.
        apply: Makes the change.
    """

    description: str
    apply: Callable[[], object]


class Stack:
    """A stack with its state and its cluster.

    Attributes:
        name: Name of the stack.
    """

    def __init__(self, name: str, console: Console) -> None:
        """Read the settings and provide the engine.

        Raises:
            SettingsError: the settings have no namespace.
            UnknownStackError: the stack has no file.
        """
        self.name = name
        raw = from_file(stack_file(name), PROJECT / "Pulumi.yaml")
        sections = load_sections(raw).sections
        if "namespace" not in sections or "cluster" not in sections:
            found = "no valid value"
            problems = [
                Problem(f"monitoring:{key}", found, "a valid value, to find the cluster")
                for key in ("namespace", "cluster")
                if key not in sections
            ]
            raise SettingsError(name, problems)
        self._namespaces = (sections["namespace"], f"{sections['namespace']}{NODE_EXPORTER_SUFFIX}")
        ensure_tools(console)
        self._environment = os.environ | stack_environment(name)
        self._context: Sequence[str] = [f"--context={each}" for each in [sections["cluster"].context] if each]

    def steps(self) -> list[Step]:
        """Return what keeps the engine from deploying the stack.

        Raises:
            RecoveryError: the state or the cluster cannot be read.
        """
        exported = json.loads(self._run("pulumi", "stack", "export", f"--stack={self.name}"))
        state = exported.get("deployment") or {}
        cancel = partial(self._run, "pulumi", "cancel", "--yes", f"--stack={self.name}")
        return [
            Step("release the lock of the state, if a killed command has left one", cancel),
            *pending_steps(state, partial(self._import_without_pending, exported)),
            *(self._record_step(change) for change in record_changes(self._records(), releases_in(state))),
        ]

    def _records(self) -> Iterator[Mapping[str, Any]]:
        for namespace in self._namespaces:
            options = (f"--namespace={namespace}", "--selector=owner=helm", "--output=json")
            yield from json.loads(self._kubectl("get", "secrets", *options))["items"]

    def _record_step(self, change: RecordChange) -> Step:
        apply = partial(self._kubectl, *change.arguments, text=change.text)
        if change.replacement is not None:
            return Step(f"mark as failed: {change.description}", apply)
        name = change.record["metadata"]["name"]
        return Step(f"delete Helm record {name}: the state does not have the release; its objects stay", apply)

    def _import_without_pending(self, exported: Mapping[str, Any]) -> None:
        deployment = {**exported["deployment"], "pending_operations": []}
        # Only this user can read the file.
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({**exported, "deployment": deployment}, file)
            file.flush()
            self._run("pulumi", "stack", "import", f"--stack={self.name}", f"--file={file.name}")

    def _kubectl(self, *arguments: str, text: str | None = None) -> str:
        return self._run("kubectl", *arguments, *self._context, text=text)

    def _run(self, *command: str, text: str | None = None) -> str:
        try:
            result = subprocess.run(
                command,
                cwd=PROJECT,
                env=self._environment,
                input=text,
                stdin=subprocess.DEVNULL if text is None else None,
                capture_output=True,
                text=True,
                check=False,
                timeout=_TIMEOUT_SECONDS,
            )
        except FileNotFoundError:
            raise RecoveryError(f"{command[0]} is not on PATH") from None
        except subprocess.TimeoutExpired:
            raise RecoveryError(f"{command[0]} {command[1]}: no answer within {_TIMEOUT_SECONDS} s") from None
        if result.returncode:
            raise RecoveryError(f"{' '.join(command[:3])}: {result.stderr.strip() or result.stdout.strip()}")
        return result.stdout


def pending_steps(state: Mapping[str, Any], forget: Callable[[], object]) -> list[Step]:
    """Return the step that removes operations of an interrupted engine from the state; empty if there are none.

    The next deployment adopts what they have created, and creates or deletes what they have not.
    """
    pending = state.get("pending_operations") or []
    if not pending:
        return []
    names = sorted({each["resource"]["urn"].rpartition("::")[2] for each in pending})
    return [Step(f"remove from the state: unfinished operations on {', '.join(names)}", forget)]
