"""Previews by the engine, recorded as events."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

from rich.console import Console

from common.project import PROJECT
from local.deploy.deployment import POLICY_PACK
from local.environment import EMBEDDED_STACK, STATE, embedded_deployment
from local.tools.build import ensure_tools
from local.tools.toolset import binary
from operations.preview_summary.events import STREAMING, error_event
from operations.stacks import stack_environment, stack_file

# One file of events per stack.
FOLDER: Final = STATE / "previews"
_TIMEOUT_SECONDS: Final = 1800


def record(stack: str, console: Console, *, refresh: bool = False) -> Path:
    """Preview a stack with the policy pack and return the file with the events.

    The engine uses the login and kubeconfig of the caller. With `refresh` it compares the cluster first, without a
    change of the state. A preview that fails is recorded, too.

    Raises:
        UnknownStackError: the stack has no file.
        BuildError: the tools cannot be built.
    """
    stack_file(stack)
    ensure_tools(console)
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{stack}.jsonl"
    policy = embedded_deployment().policy_options if stack == EMBEDDED_STACK else POLICY_PACK
    command = ["preview", "--stack", stack, "--json", "--non-interactive", *policy, *(["--refresh"] if refresh else [])]
    with path.open("w", encoding="utf-8") as events:
        try:
            result = subprocess.run(
                [str(binary("pulumi")), *command],
                cwd=PROJECT,
                env=os.environ | stack_environment(stack) | {STREAMING: "true"},
                stdin=subprocess.DEVNULL,
                stdout=events,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
                timeout=_TIMEOUT_SECONDS,
            )
        except subprocess.TimeoutExpired:
            events.write(f"\n{error_event(f'no result within {_TIMEOUT_SECONDS} s')}\n")
            return path
        if result.returncode and not path.stat().st_size:
            # The engine ended before its first event, for example without a login.
            reason = result.stderr.strip().removeprefix("error: ") or f"pulumi ended with code {result.returncode}"
            events.write(f"{error_event(reason)}\n")
    return path
