"""Files that are mutated, each with the check of a mutant."""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from catalogue import contract_docs, objectives, requirements, runbooks
from catalogue.loader import load
from catalogue.metrics import read_contract
from catalogue.rule_files import read_rule_files
from catalogue.slos import rule_files
from catalogue.stack import StackCatalogue, for_stack
from common.problems import CatalogueError, Problem
from common.project import PROJECT, RULES
from dashboards import stack as dashboards
from preflight.plan import check_settings, render_rules
from preflight.rendered_files import rendered_problems
from routing.routes import alertmanager_configuration
from routing.templates import templates
from settings.loader import SettingsError, build_settings, load_sections
from settings.sources import from_file
from settings.stack import StackSettings
from tools.mocked_program import credential_keys

_TEMPLATES: Final = PROJECT / "routing" / "templates"
_REQUIREMENTS: Final = "requirements.yaml"


@dataclass(frozen=True)
class Subject:
    """Files of one kind.

    Attributes:
        name: Name in the report.
        files: Files of the project from which mutants are made.
        share: Share of the mutants, in percent.
        check: Returns the problems of a mutated file; none if it makes a valid plan.
    """

    name: str
    files: tuple[Path, ...]
    share: int
    check: Callable[[Path], list[Problem]]


def subjects() -> dict[str, Subject]:
    """Return the subjects by name."""
    others = ("slos.yaml", "metrics.yaml", _REQUIREMENTS)
    areas = tuple(path for path in sorted(RULES.glob("*.yaml")) if path.name not in others)
    each = (
        Subject("stack files", tuple(sorted(PROJECT.glob("Pulumi.*.yaml"))), 45, _check_stack_file),
        Subject("rule files", areas, 25, _check_rule_file),
        Subject("objectives", (RULES / "slos.yaml",), 10, _check_objectives),
        Subject("contract", (RULES / "metrics.yaml", RULES / _REQUIREMENTS), 10, _check_contract),
        Subject("templates", tuple(sorted(_TEMPLATES.glob("*.tmpl"))), 10, _check_template),
    )
    return {subject.name: subject for subject in each}


def prepare() -> None:
    """Load what every check needs, once, before the processes of the runs are copied from this one."""
    load()
    _settings()


@functools.cache
def _settings() -> StackSettings:
    raw = from_file(PROJECT / "Pulumi.local.yaml", PROJECT / "Pulumi.yaml")
    return build_settings(load_sections(replace(raw, secrets=raw.secrets | credential_keys())))


def _check_stack_file(path: Path) -> list[Problem]:
    try:
        raw = from_file(path, PROJECT / "Pulumi.yaml")
    except SettingsError as error:
        return list(error.problems)
    checked = check_settings(replace(raw, secrets=raw.secrets | credential_keys()))
    if checked.problems or checked.settings is None or checked.catalogue is None or checked.rules is None:
        return list(checked.problems)
    _render_boards(checked.settings, checked.catalogue, checked.rules)
    return []


def _render_boards(settings: StackSettings, catalogue: StackCatalogue, rules: Mapping[str, Mapping[str, Any]]) -> None:
    """Render the boards and runbooks of a stack, as the program does; ValueError if a board is not JSON."""
    boards = dashboards.render(
        rules,
        environment=settings.environment,
        tunables=catalogue.tunables,
        overrides=settings.dashboards.boards,
    )
    for board in boards.values():
        json.loads(board, parse_constant=_refuse_constant)
    runbooks.render_for_stack(catalogue, rules, namespace=settings.namespace)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _check_rule_file(path: Path) -> list[Problem]:
    _copy_missing(RULES, path.parent)
    catalogue, problems = read_rule_files(path.parent)
    if problems:
        return problems
    rules = render_rules(_settings(), for_stack(catalogue=catalogue))
    return _rendered(rules, templates())


def _check_objectives(path: Path) -> list[Problem]:
    try:
        loaded = objectives.load(path)
    except CatalogueError as error:
        return list(error.problems)
    path.unlink()
    for name, text in rule_files(loaded).items():
        (path.parent / name).write_text(text, encoding="utf-8")
    catalogue, problems = read_rule_files(path.parent)
    # What the objectives lead to must be valid: a problem of the generated file would not name slos.yaml.
    assert not problems, problems
    rules = for_stack(catalogue=catalogue).render(runbook_base="http://r.example", grafana_base="http://g.example")
    return _rendered(rules, templates())


def _check_contract(path: Path) -> list[Problem]:
    if path.name == _REQUIREMENTS:
        try:
            requirements.sections(requirements.load(load(), path))
        except CatalogueError as error:
            return list(error.problems)
        return []
    metrics, problems = read_contract(path)
    if not problems:
        contract_docs.render(metrics)
    return problems


def _check_template(path: Path) -> list[Problem]:
    _copy_missing(_TEMPLATES, path.parent)
    try:
        texts = templates(path.parent)
    except CatalogueError as error:
        return list(error.problems)
    return _rendered({}, texts)


def _rendered(rules: Mapping[str, Any], texts: Mapping[str, str]) -> list[Problem]:
    settings = _settings()
    return rendered_problems(rules, alertmanager_configuration(settings.notifications, settings.links), texts)


def _copy_missing(source: Path, folder: Path) -> None:
    for file in source.iterdir():
        if file.is_file() and not (folder / file.name).exists():
            shutil.copy(file, folder)
