"""Stacks of this project: the file and the environment of each, for commands on any cluster."""

import os
from pathlib import Path

from common.problems import suggestion
from common.project import PROJECT
from local.environment import EMBEDDED_STACK, embedded_deployment
from local.tools.toolset import set_folder


class UnknownStackError(Exception):
    """No stack has this name; the message lists those that exist."""


def stack_file(stack: str) -> Path:
    """Return the settings in use of a stack.

    Raises:
        UnknownStackError: the stack has no file.
    """
    files = {file.name.split(".")[1]: file for file in PROJECT.glob("Pulumi.*.yaml")}
    if stack not in files:
        raise UnknownStackError(f"STACK: found {stack!r}; allowed: {suggestion(stack, files)}")
    return embedded_deployment().settings if stack == EMBEDDED_STACK else files[stack]


def stack_environment(stack: str) -> dict[str, str]:
    """Return the variables with which `pulumi` and `kubectl` find the state and the cluster of a stack.

    Only the embedded stack has its own; for all others, those of the user apply.
    """
    if stack == EMBEDDED_STACK:
        return embedded_deployment().environment()
    return {"PATH": f"{set_folder() / 'bin'}{os.pathsep}{os.environ['PATH']}"}
