"""The service level objectives as typed values, read from slos.yaml."""

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
    """A share of good events that is promised over 30 days.

    `events` and `failures` are PromQL: rates over five minutes by namespace, job and service. `minimum_failures` is how
    many failures the long window of an alert must hold. The texts go into the alerts' annotations.
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


_FIELDS = tuple(field.name for field in fields(Objective) if field.name != "name")


def load(path: Path = SOURCE) -> list[Objective]:
    """Read the objectives in their order.

    Raises:
        CatalogueError: with every problem in the file.
    """
    content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    if not isinstance(content, dict):
        raise CatalogueError([Problem(path.name, repr(content)[:60], "a mapping of objectives by name")])
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
        Problem(f"{key}.{name}", repr(entry[name]), "a text that is not empty")
        for name in _FIELDS
        if name not in ("objective", "minimum_failures") and not (isinstance(entry[name], str) and entry[name].strip())
    ]
    if not is_number(entry["objective"]) or not 0.5 <= entry["objective"] <= 0.99999:
        problems.append(Problem(f"{key}.objective", repr(entry["objective"]), "a share from 0.5 to 0.99999"))
    least = entry["minimum_failures"]
    if not isinstance(least, int) or isinstance(least, bool) or least < 1:
        problems.append(Problem(f"{key}.minimum_failures", repr(least), "a whole number, 1 or more"))
    if problems:
        return problems
    if entry["area"] not in AREAS:
        problems.append(Problem(f"{key}.area", entry["area"], ", ".join(AREAS)))
    return problems + [
        Problem(f"{key}.{name}", entry[name], "PromQL") for name in ("events", "failures") if not is_promql(entry[name])
    ]


def is_promql(expression: str) -> bool:
    """Tell whether a text is an expression of PromQL."""
    try:
        promql_parser.parse(expression)
    except ValueError:
        return False
    return True
