"""Commands for day-to-day operation: `python -m operations COMMAND`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click
from rich.console import Console

from common.command_line import CommandGroup
from local.tools.build import BuildError
from operations.recovery import RecoveryError, Stack
from operations.review.command import ERRORS as REVIEW_ERRORS
from operations.review.command import command as review
from operations.silences import SilenceError, alertmanager_url, amtool, expire_arguments, silence_request
from settings.loader import SettingsError

# Piped output is not truncated to a terminal width, so its columns stay aligned.
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
stack_option = click.option("--stack", default="local", show_default=True, help="Stack to work on.")
url_option = click.option(
    "--url", envvar="URL", default="", help="URL of Alertmanager; default: links.alertmanager of the stack."
)


class Commands(CommandGroup):
    """Operations on a stack."""

    errors = (BuildError, RecoveryError, SettingsError, SilenceError, *REVIEW_ERRORS, OSError)


@click.group(cls=Commands)
def main() -> None:
    """Operate a stack."""


main.add_command(review)


@main.command()
@stack_option
@url_option
@click.option("--matchers", envvar="MATCHERS", default="", help='For example `alertname=NodeCpuHigh node="a"`.')
@click.option("--reason", envvar="REASON", default="", help="Reason of the silence.")
@click.option("--for", "duration", envvar="FOR", default="", help="Duration, for example 2h.")
@click.option("--until", envvar="UNTIL", default="", help="End instead of a duration, for example 2026-12-01T08:00Z.")
def silence(stack: str, url: str, matchers: str, reason: str, duration: str, until: str) -> None:
    """Silence matching alerts, with a reason and an end."""
    request = silence_request(matchers, reason, duration, until, datetime.now(UTC))
    alertmanager = alertmanager_url(url, stack)
    silence_id = amtool(console, alertmanager, *request.arguments)
    end = f"{request.end:%Y-%m-%d %H:%M} UTC"
    console.print(f"created silence {silence_id}, ends {end}; to end it earlier: make expire ID={silence_id}")


@main.command()
@stack_option
@url_option
def silences(stack: str, url: str) -> None:
    """List active and pending silences."""
    console.print(amtool(console, alertmanager_url(url, stack), "silence", "query") or "no silences")


@main.command()
@stack_option
@url_option
@click.option("--id", "identifier", envvar="ID", default="", help="ID as `make silences` prints it.")
def expire(stack: str, url: str, identifier: str) -> None:
    """End a silence now."""
    arguments = expire_arguments(identifier)
    amtool(console, alertmanager_url(url, stack), *arguments)
    console.print(f"silence {identifier} expired")


@main.command()
@stack_option
@click.option("--yes", envvar="YES", is_flag=True, help="Do not ask for confirmation.")
def recover(stack: str, yes: bool) -> None:
    """Remove what keeps `up` from deploying a stack whose state and cluster disagree.

    That is the case after a lost state or a killed command. Run it only if no deployment of the stack is running.
    """
    steps = Stack(stack, console).steps()
    for step in steps:
        console.print(f"- {step.description}")
    if not yes:
        click.confirm(f"No deployment of {stack} is running, and these {len(steps)} changes are right?", abort=True)
    for step in steps:
        step.apply()
        console.print(f"done: {step.description}")
    console.print(f"now run: make up STACK={stack}")
