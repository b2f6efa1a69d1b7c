"""Service level objectives as typed values, loaded from slos.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import promql_parser
import yaml

from catalogue.model import AREAS, is_number
from common.problems import CatalogueError, Problem
from common.project import RULES

SOURCE: Final = RULES / "slos.yaml"


@dataclass(frozen=True)
class Objective:
    """A service level objective over 30 days.

    `events` and `failures` are PromQL: rates over 5 minutes by namespace, job and service. `minimum_failures` is the
    number of failures in the long window below which no alert fires. The texts become annotations of the alerts.
    """

    name: str
    area: str
    team: str
    alert: str
    objective: float
    minimum_failures: int
    events: str
    failures: str
    subject: str
    description: str
    impact: str
    action: str
    dashboard_url: str


_FIELDS: Final = tuple(field.name for field in fields(Objective) if field.name != "name")


def load(path: Path = SOURCE) -> list[Objective]:
    """Load the objectives in the order of the file.

    Raises:
        CatalogueError: with every problem in the file.
    """
    content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    if not isinstance(content, dict):
        raise CatalogueError([Problem(path.name, repr(content)[:60], "a mapping from objective names to fields")])
    problems = [problem for name, entry in content.items() for problem in _problems(f"{path.name}: {name}", entry)]
    if problems:
        raise CatalogueError(problems)
    return [Objective(name=name, **_stripped(entry)) for name, entry in content.items()]


def _stripped(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.strip() if isinstance(value, str) else value for name, value in entry.items()}


def _problems(key: str, entry: object) -> list[Problem]:
    if not isinstance(entry, dict) or set(entry) != set(_FIELDS):
        found = ", ".join(map(str, entry)) if isinstance(entry, dict) else repr(entry)
        return [Problem(key, found, f"exactly {', '.join(_FIELDS)}")]
    problems = [
        Problem(f"{key}.{name}", repr(entry[name]), "a non-empty string")
        for name in _FIELDS
        if name not in ("objective", "minimum_failures") and not (isinstance(entry[name], str) and entry[name].strip())
    ]
    if not is_number(entry["objective"]) or not 0.5 <= entry["objective"] <= 0.99999:
        problems.append(Problem(f"{key}.objective", repr(entry["objective"]), "a ratio from 0.5 to 0.99999"))
    minimum = entry["minimum_failures"]
    if not isinstance(minimum, int) or isinstance(minimum, bool) or minimum < 1:
        problems.append(Problem(f"{key}.minimum_failures", repr(minimum), "an integer of at least 1"))
    if problems:
        return problems
    if entry["area"] not in AREAS:
        problems.append(Problem(f"{key}.area", entry["area"], ", ".join(AREAS)))
    return problems + [
        Problem(f"{key}.{name}", entry[name], "a valid PromQL expression")
        for name in ("events", "failures")
        if not is_promql(entry[name])
    ]


def is_promql(expression: str) -> bool:
    """Return whether a text is a valid PromQL expression."""
    try:
        promql_parser.parse(expression)
    except ValueError:
        return False
    return True
