"""Checks of the answers and secrets of a new stack, with the settings' own validation."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from common.problems import Problem, suggestion
from common.project import PROJECT
from common.yaml_files import InvalidFileError, read_text, read_yaml
from operations.init.questions import NOTHING, PASSPHRASE, QUESTIONS, Answers, Question, items
from operations.init.stack_file import settings_from
from settings.credentials import Credential, required_in_config
from settings.loader import RawConfig, load_sections
from settings.sources import PROJECT_NAME

_PROVIDER: Final = re.compile(r"(awskms|azurekeyvault|gcpkms|hashivault)://\S+")


def read_answers(file: Path) -> dict[str, str]:
    """Return the answers in a YAML file, a mapping of names to texts or lists of texts.

    Raises InvalidFileError.
    """
    content = read_yaml(file)
    if not isinstance(content, Mapping):
        raise InvalidFileError("no mapping", "a mapping of questions to answers")
    return {str(name): _answer(value) for name, value in content.items()}


def _answer(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value)) or NOTHING
    return NOTHING if value is None else str(value)


def read_secrets(folder: Path, credentials: tuple[Credential, ...]) -> dict[str, str]:
    """Return the values of those credentials that have a file in a folder, by key.

    A file is called like the credential's key in a Secret; a line break at its end is not part of the value.
    """
    found = {}
    for credential in credentials:
        try:
            found[credential.key] = read_text(folder / credential.file).removesuffix("\n")
        except InvalidFileError:
            continue
    return found


def required_credentials(stack: str, answers: Answers) -> tuple[Credential, ...]:
    """Return the credentials that the stack's encrypted configuration must hold."""
    return required_in_config(settings_from(stack, answers)["notifications"])


def stack_name_problems(stack: str) -> list[Problem]:
    """Return the problem of a stack's name, which is also that of its environment."""
    return [
        Problem("STACK", each.found, each.allowed)
        for each in _settings_problems(stack, {}, {})
        if each.key == f"{PROJECT_NAME}:environment"
    ]


def question_problems(question: Question, stack: str, answers: Answers) -> list[Problem]:
    """Return the problems of the answer to a question; those of other answers do not count."""
    problems = list(_own_problems(question, answers.get(question.name)))
    problems += [each for each in _settings_problems(stack, answers, None) if _is_about(each, question)]
    return [Problem(question.name, each.found, each.allowed) for each in problems]


def given_problems(stack: str, given: Answers) -> list[Problem]:
    """Return the problems of the answers given before the first question."""
    problems = [
        each for question in QUESTIONS if question.name in given for each in question_problems(question, stack, given)
    ]
    return [*_unknown_names(given), *problems]


def _unknown_names(answers: Answers) -> list[Problem]:
    names = [question.name for question in QUESTIONS]
    return [Problem(name, "an unknown question", suggestion(name, names)) for name in answers if name not in names]


def all_problems(stack: str, answers: Answers, secrets: Mapping[str, str]) -> list[Problem]:
    """Return every problem of the answers and the secrets, by the name of the question or of the secret."""
    asked = [question for question in QUESTIONS if question.is_asked(answers)]
    problems = _unknown_names(answers)
    problems += [
        Problem(question.name, "an answer", "none with these answers to the questions before it")
        for question in QUESTIONS
        if question not in asked and question.name in answers
    ]
    for question in asked:
        problems += [
            Problem(question.name, each.found, each.allowed)
            for each in _own_problems(question, answers.get(question.name))
        ]
    credentials = {each.key: each for each in required_credentials(stack, answers)}
    for problem in _settings_problems(stack, answers, secrets):
        key = problem.key.removeprefix(f"{PROJECT_NAME}:")
        if credential := credentials.get(key):
            problems.append(Problem(f"secret {credential.file}", problem.found, credential.format.allowed))
        else:
            about = next((each.name for each in asked if _is_about(problem, each)), key)
            problems.append(Problem(about, problem.found, problem.allowed))
    return list(dict.fromkeys(problems))


def _is_about(problem: Problem, question: Question) -> bool:
    key = problem.key.removeprefix(f"{PROJECT_NAME}:")
    return any(key == setting or key.startswith(f"{setting}[") for setting in question.settings)


def _own_problems(question: Question, answer: str | None) -> Iterator[Problem]:
    """Yield the problems of an answer that the settings do not have."""
    if question.choices:
        given = items(answer or "") if question.is_list else [answer] if answer else []
        if not given:
            yield Problem(question.name, "nothing", f"one of {', '.join(question.choices)}")
        for each in given:
            if each not in question.choices:
                yield Problem(question.name, each, suggestion(each, question.choices))
    if question.name == "context" and not answer:
        yield Problem(question.name, "nothing", "the name of a context")
    if question.name == "secrets-provider" and answer != PASSPHRASE and not _PROVIDER.fullmatch(answer or ""):
        yield Problem(
            question.name, answer or "nothing", f"{PASSPHRASE}, or awskms, azurekeyvault, gcpkms or hashivault://<key>"
        )


def _settings_problems(stack: str, answers: Answers, secrets: Mapping[str, str] | None) -> tuple[Problem, ...]:
    """Return the problems that the settings find; without `secrets`, all of them count as given."""
    settings = settings_from(stack, answers)
    required = [each.key for each in required_in_config(settings["notifications"])]
    given = dict.fromkeys(required, "") if secrets is None else secrets
    return load_sections(
        RawConfig(
            stack=stack,
            values=_project_defaults() | settings,
            secrets=frozenset(given),
            decrypted={} if secrets is None else secrets,
        )
    ).problems


def _project_defaults() -> dict[str, Any]:
    declared = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    return {key: each["default"] for key, each in declared.items() if "default" in each}
