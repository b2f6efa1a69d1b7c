"""The command `init`: a new stack from answers, asked for or given."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rich.console import Console

from common.problems import Problem, aligned
from common.project import PROJECT
from common.yaml_files import InvalidFileError
from local.tools.build import ensure_tools
from operations.init.asking import ask_passphrase, ask_questions, ask_secrets, complete
from operations.init.checks import (
    all_problems,
    given_problems,
    read_answers,
    read_secrets,
    required_credentials,
    stack_name_problems,
)
from operations.init.engine import Engine
from operations.init.questions import PASSPHRASE, Context
from operations.init.repository import web_address
from operations.init.stack_file import settings_from, stack_file_text
from preflight.kubeconfig import KubeconfigError, read_kubeconfig
from preflight.reachability import kubeconfig_files
from settings.loader import load_sections
from settings.sources import from_file

_PASSPHRASES: Final = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")


class InitError(Exception):
    """A stack cannot be created; the message says why, one line per problem."""


def create_stack(
    stack: str, options: Mapping[str, str], answers_file: Path | None, secrets_folder: Path | None, console: Console,
    *, yes: bool,
) -> None:  # fmt: skip
    """Create a stack: its file and its encrypted secrets. With `yes`, nothing is asked.

    Raises:
        InitError: the stack has a file, or answers or secrets have problems.
        EngineError: the engine refused a command.
    """
    target = PROJECT / f"Pulumi.{stack}.yaml"
    _check_target(stack, target)
    given = _given(options, answers_file)
    if not yes and not sys.stdin.isatty():
        raise InitError("no terminal to ask questions: use --yes, with --answers and --secrets")
    ensure_tools(console)
    engine = Engine(stack, PROJECT / ".state" / "init" / stack)
    try:
        engine.check()
        answers, secrets, passphrase = _answers(stack, given, secrets_folder, console, yes=yes)
        engine.create(answers["secrets-provider"], passphrase)
        for credential in required_credentials(stack, answers):
            engine.encrypt(credential, secrets[credential.key])
        text = stack_file_text(stack, settings_from(stack, answers), *engine.encrypted())
        _write(target, text, PROJECT / ".state" / "init" / stack / "complete" / target.name)
    finally:
        engine.close()
    _print_next(stack, console, has_asked_passphrase=passphrase is not None)


def _check_target(stack: str, target: Path) -> None:
    if problems := stack_name_problems(stack):
        raise InitError("\n".join(map(str, problems)))
    if target.exists():
        raise InitError(
            f"{target.name} exists and is not changed: edit it (docs/reference/settings.md), or choose another STACK"
        )


def _given(options: Mapping[str, str], answers_file: Path | None) -> dict[str, str]:
    try:
        given = read_answers(answers_file) if answers_file else {}
    except InvalidFileError as error:
        raise InitError(str(Problem(str(answers_file), error.found, error.allowed))) from None
    return {**given, **options}


def _answers(
    stack: str, given: Mapping[str, str], secrets_folder: Path | None, console: Console, *, yes: bool
) -> tuple[Mapping[str, str], Mapping[str, str], str | None]:
    """Return the answers, the secrets by key, and the passphrase if it was entered."""
    context = Context(kube_context=_current_context(), runbooks_url=web_address())
    problems: list[Problem] = []
    if yes:
        answers = complete(given, context)
    elif problems := given_problems(stack, given):
        raise InitError(_report(stack, problems))
    else:
        console.print(f"stack {stack}: Enter takes the answer in brackets; nothing is written before the last question")
        answers = ask_questions(stack, given, context)
    credentials = required_credentials(stack, answers)
    secrets = read_secrets(secrets_folder, credentials) if secrets_folder else {}
    passphrase = None
    if not yes:
        secrets = ask_secrets(stack, answers, secrets)
    if answers.get("secrets-provider") == PASSPHRASE and not any(name in os.environ for name in _PASSPHRASES):
        if yes:
            problems.append(Problem("passphrase", "nothing", f"the variable {' or '.join(_PASSPHRASES)}"))
        else:
            passphrase = ask_passphrase()
    if problems := [*all_problems(stack, answers, secrets), *problems]:
        raise InitError(_report(stack, problems))
    return answers, secrets, passphrase


def _report(stack: str, problems: list[Problem]) -> str:
    return "\n".join([f"stack {stack} was not created:", *aligned(problems)])


def _current_context() -> str:
    try:
        return read_kubeconfig(kubeconfig_files()).current_context or ""
    except KubeconfigError:
        return ""


def _write(target: Path, text: str, complete_file: Path) -> None:
    """Write the stack file at once, if it still does not exist and its settings load."""
    complete_file.parent.mkdir()
    complete_file.write_text(text, encoding="utf-8")
    if problems := load_sections(from_file(complete_file, PROJECT / "Pulumi.yaml")).problems:
        raise InitError("\n".join(map(str, problems)))
    try:
        # Unlike a rename, a link does not replace a file.
        os.link(complete_file, target)
    except FileExistsError:
        raise InitError(f"{target.name} was created in the meantime and is not changed") from None


def _print_next(stack: str, console: Console, *, has_asked_passphrase: bool) -> None:
    console.print(f"created Pulumi.{stack}.yaml; its secrets are encrypted, so commit it")
    if has_asked_passphrase:
        console.print("first: read -rs PULUMI_CONFIG_PASSPHRASE && export PULUMI_CONFIG_PASSPHRASE")
    console.print(f"next:  make deploy STACK={stack}")
    console.print(f"then:  make page STACK={stack} CHANNEL=warning")
