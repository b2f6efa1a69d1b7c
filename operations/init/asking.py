"""Questions on the terminal; each answer is checked before the next question."""

from collections.abc import Mapping

import click

from common.problems import Problem
from operations.init.checks import question_problems, required_credentials
from operations.init.questions import QUESTIONS, Answers, Context, Question, items


def complete(given: Answers, context: Context) -> dict[str, str]:
    """Return the answers given, and the default of every other question that has one."""
    answers = dict(given)
    for question in QUESTIONS:
        default = question.default(answers, context)
        if question.name not in answers and default is not None and question.is_asked(answers):
            answers[question.name] = default
    return answers


def ask_questions(stack: str, given: Answers, context: Context) -> dict[str, str]:
    """Return the answers given, and those to every other question."""
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        if not question.is_asked({**answers, **given}):
            continue
        if question.name in given:
            answers[question.name] = given[question.name]
        else:
            answers[question.name] = _ask(question, stack, answers, context)
    # An answer that no question asked for; the check of all answers reports it.
    return dict(given) | answers


def _ask(question: Question, stack: str, answers: Answers, context: Context) -> str:
    if hint := question.hint(answers):
        click.echo(f"  {hint}")
    choices = f" ({', '.join(question.choices)})" if question.choices else ""
    default = question.default(answers, context)
    while True:
        answer = str(click.prompt(question.text + choices, default=default)).strip()
        problems = question_problems(question, stack, {**answers, question.name: answer})
        if not problems:
            return ",".join(items(answer)) if question.is_list else answer
        _print_problems(problems)


def ask_secrets(stack: str, answers: Answers, given: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets given, and those entered without echo, by key; a malformed one is asked for again."""
    secrets: dict[str, str] = {}
    for credential in required_credentials(stack, answers):
        value = given.get(credential.key)
        while value is None or not credential.format.accepts(value):
            if value is not None:
                click.echo(f"  found a string of {len(value)} characters; allowed: {credential.format.allowed}")
            value = str(click.prompt(f"{credential.key}, not shown", hide_input=True)).strip()
        secrets[credential.key] = value
    return secrets


def ask_passphrase() -> str:
    """Return a passphrase, entered twice without echo."""
    click.echo("  Every deployment needs it; keep it in a password store: it cannot be recovered")
    return str(click.prompt("Passphrase of the secrets, not shown", hide_input=True, confirmation_prompt=True))


def _print_problems(problems: list[Problem]) -> None:
    for problem in problems:
        click.echo(f"  found {problem.found}; allowed: {problem.allowed}")
