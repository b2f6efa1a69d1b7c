"""Commands for day-to-day operation: `python -m operations COMMAND`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from common.command_line import CommandGroup
from local.cli import ERRORS as ENVIRONMENT_ERRORS
from local.cli import demo_option, node_option
from operations.adopt.command import Request as AdoptRequest
from operations.adopt.command import adopt as adopt_previous
from operations.deploy import deploy as deploy_stack
from operations.health.command import print_health
from operations.init.command import InitError, create_stack
from operations.init.engine import EngineError
from operations.init.questions import QUESTIONS
from operations.page.alert import PageError
from operations.page.command import send_page
from operations.recovery import RecoveryError, Stack
from operations.review.command import ERRORS as REVIEW_ERRORS
from operations.review.command import command as review
from operations.silences import SilenceError, alertmanager_url, amtool, expire_arguments, silence_request
from operations.team_objects.command import check_team_objects
from settings.loader import SettingsError

# Piped output is not truncated to a terminal width, so its columns stay aligned.
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
stack_option = click.option("--stack", default="local", show_default=True, help="Stack to work on.")
url_option = click.option(
    "--url", envvar="URL", default="", help="URL of Alertmanager; default: links.alertmanager of the stack."
)


class Commands(CommandGroup):
    """Operations on a stack."""

    errors = (
        *ENVIRONMENT_ERRORS,
        *REVIEW_ERRORS,
        EngineError,
        InitError,
        PageError,
        RecoveryError,
        SettingsError,
        SilenceError,
    )


@click.group(cls=Commands)
def main() -> None:
    """Operate a stack."""


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


@main.command()
@stack_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON; with --watch, one line per check.")
@click.option("--watch", is_flag=True, help="Repeat every 15 seconds, until interrupted.")
def health(stack: str, as_json: bool, watch: bool) -> None:
    """Check a running stack, on any cluster, and say what to do about what is not ok.

    Exit code 0: all checks are ok or warnings. 1: a check failed. 2: the state of a check is unknown, or wrong usage.
    """
    sys.exit(print_health(stack, console, as_json=as_json, watch=watch))


def _answer_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add one option per question."""
    for question in reversed(QUESTIONS):
        command = click.option(f"--{question.name}", help=f"{question.text}.")(command)
    return command


@main.command()
@click.option("--stack", required=True, help="Name of the new stack and its environment.")
@click.option("--yes", envvar="YES", is_flag=True, help="Ask nothing: defaults, and all problems at once.")
@click.option(
    "--answers", envvar="ANSWERS", type=click.Path(path_type=Path), help="YAML file with answers by name of the option."
)
@click.option("--secrets", envvar="SECRETS", type=click.Path(path_type=Path), help="Folder with one file per secret.")
@_answer_options
def init(stack: str, yes: bool, answers: Path | None, secrets: Path | None, **options: str | None) -> None:
    """Create a stack: ask for what it needs, and write its file with encrypted secrets.

    Exit code 0: created. 1: refused; nothing was written.
    """
    given = {name.replace("_", "-"): answer for name, answer in options.items() if answer is not None}
    create_stack(stack, given, answers, secrets, console, yes=yes)


@main.command()
@stack_option
@click.option("--yes", envvar="YES", is_flag=True, help="Do not ask for confirmation.")
@node_option
@demo_option
def deploy(stack: str, yes: bool, node: str | None, demo: str | None) -> None:
    """Deploy a stack completely: checks, preview, confirmation, update, health check.

    Exit code 0: deployed and healthy. 1: refused, failed, or not healthy. 2: deployed, but the state of a check is
    unknown, or wrong usage. The options --node and --demo apply to stack local only.
    """
    sys.exit(deploy_stack(stack, console, yes=yes, node=node, demo=demo))


@main.command()
@stack_option
@click.option("--channel", envvar="CHANNEL", default="", help="Receiver to test, such as critical; see `make page`.")
def page(stack: str, channel: str) -> None:
    """Send a test alert and its resolution through the deployed routes to a receiver.

    Exit code 0: every channel of the receiver has delivered both. 1: not delivered, or the receiver cannot be tested.
    """
    sys.exit(0 if send_page(stack, channel, console) else 1)


@main.command()
@stack_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def team(stack: str, as_json: bool, files: tuple[Path, ...]) -> None:
    """Check objects of another team before they are merged, and show who is notified of their alerts.

    Exit code 0: all objects are valid and have an effect. 1: they are not.
    """
    sys.exit(0 if check_team_objects(stack, files, console, as_json=as_json) else 1)


@main.command()
@stack_option
@click.option("--release", envvar="RELEASE", default="", help="Helm release to replace; default: the only one.")
@click.option("--from-namespace", envvar="FROM_NAMESPACE", default="", help="Namespace of the release.")
@click.option("--channel", envvar="CHANNEL", default="critical", help="Receiver of the test notification.")
@click.option("--apply", envvar="APPLY", is_flag=True, help="Do the steps; without it, only report.")
@click.option(
    "--rollback", envvar="ROLLBACK", is_flag=True, help="End the hand-over: the previous stack notifies again."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def adopt(
    stack: str, release: str, from_namespace: str, channel: str, apply: bool, rollback: bool, as_json: bool
) -> None:
    """Replace a running kube-prometheus-stack without a gap in paging: report, or with --apply migrate.

    Exit code 0: nothing blocks, or all steps are done. 1: something blocks or failed. 2: something could not be read,
    or wrong usage.
    """
    request = AdoptRequest(
        release=release, namespace=from_namespace, channel=channel, apply=apply, rollback=rollback, as_json=as_json
    )
    sys.exit(adopt_previous(stack, request, console))


main.add_command(review)
