"""Stacks of this project: the file and the environment of each, for commands on any cluster."""

import os
from dataclasses import replace
from pathlib import Path

import click

from common.problems import suggestion
from common.project import PROJECT
from local.environment import EMBEDDED_STACK, demo_platform, embedded_deployment
from local.tools.toolset import set_folder
from preflight.plan import check_settings
from settings.credentials import required_in_config
from settings.loader import SettingsError
from settings.sources import from_file
from settings.stack import StackSettings


class UnknownStackError(click.ClickException):
    """No stack has this name; the message lists those that exist."""

    exit_code = 2


def stack_file(stack: str) -> Path:
    """Return the file with the settings in use of a stack.

    That of the demo platform is first renewed from the current stack file.

    Raises:
        UnknownStackError: the stack has no file.
    """
    files = {file.name.split(".")[1]: file for file in PROJECT.glob("Pulumi.*.yaml")}
    if stack not in files:
        raise UnknownStackError(f"STACK: found {stack!r}; allowed: {suggestion(stack, files)}")
    if stack != EMBEDDED_STACK:
        return files[stack]
    deployment = embedded_deployment()
    demo_platform(deployment).refresh_settings()
    return deployment.settings


def stack_settings(stack: str) -> StackSettings:
    """Return the settings in use of a stack; its credentials may be missing, as in a clone of another team.

    Raises:
        UnknownStackError: the stack has no file.
        SettingsError: the settings have problems.
    """
    raw = from_file(stack_file(stack), PROJECT / "Pulumi.yaml")
    credentials = frozenset(each.key for each in required_in_config(raw.values.get("notifications")))
    checked = check_settings(replace(raw, secrets=raw.secrets | credentials))
    if checked.settings is None or checked.problems:
        raise SettingsError(stack, checked.problems)
    return checked.settings


def stack_environment(stack: str) -> dict[str, str]:
    """Return the variables with which `pulumi` and `kubectl` find the state and the cluster of a stack.

    Only the embedded stack has its own; for all others, those of the user apply, whose kubeconfig may be relative to
    the current folder.
    """
    if stack == EMBEDDED_STACK:
        return embedded_deployment().environment()
    environment = {"PATH": f"{set_folder() / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    if files := os.environ.get("KUBECONFIG"):
        absolute = (str(Path(file).absolute()) for file in files.split(os.pathsep) if file)
        environment["KUBECONFIG"] = os.pathsep.join(absolute)
    return environment
