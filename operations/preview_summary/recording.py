"""Previews by the engine, recorded as events."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

from rich.console import Console

from common.problems import Problem, suggestion
from common.project import PROJECT
from local.deploy.deployment import POLICY_PACK
from local.environment import EMBEDDED_STACK, STATE, embedded_deployment
from local.tools.build import ensure_tools
from local.tools.toolset import binary, set_folder
from operations.preview_summary.events import STREAMING, error_event
from operations.preview_summary.model import PreviewError

# One file of events per stack.
FOLDER: Final = STATE / "previews"
_TIMEOUT_SECONDS: Final = 1800


def record(stack: str, console: Console, *, refresh: bool = False) -> Path:
    """Preview a stack with the policy pack and return the file with the events.

    The engine uses the login and kubeconfig of the caller. With `refresh` it compares the cluster first, without a
    change of the state. A preview that fails is recorded, too.

    Raises:
        PreviewError: the stack has no file.
        BuildError: the tools cannot be built.
    """
    if not (PROJECT / f"Pulumi.{stack}.yaml").is_file():
        stacks = [path.name.split(".")[1] for path in PROJECT.glob("Pulumi.*.yaml")]
        raise PreviewError(str(Problem("STACK", stack, suggestion(stack, stacks))))
    ensure_tools(console)
    environment = os.environ | {"PATH": f"{set_folder() / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    if stack == EMBEDDED_STACK:
        environment |= embedded_deployment().environment()
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{stack}.jsonl"
    command = ["preview", "--stack", stack, "--json", "--non-interactive", *POLICY_PACK]
    with path.open("w", encoding="utf-8") as events:
        result = subprocess.run(
            [str(binary("pulumi")), *command, *(["--refresh"] if refresh else [])],
            cwd=PROJECT,
            env=environment | {STREAMING: "true"},
            stdin=subprocess.DEVNULL,
            stdout=events,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=_TIMEOUT_SECONDS,
        )
        if result.returncode and not path.stat().st_size:
            # The engine ended before its first event, for example without a login.
            reason = result.stderr.strip().removeprefix("error: ") or f"pulumi ended with code {result.returncode}"
            events.write(f"{error_event(reason)}\n")
    return path
