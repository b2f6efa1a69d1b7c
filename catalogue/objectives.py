"""Service level objectives as typed values, loaded from slos.yaml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from catalogue.model import ALERT_NAME, AREAS, is_number
from catalogue.panel_links import LINK_FORMAT, is_link
from catalogue.promql import promql_fault
from common.problems import CatalogueError, Problem
from common.project import RULES
from common.yaml_files import InvalidFileError, read_yaml

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


_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_MOST_FAILURES: Final = 1_000_000
_FIELDS: Final = tuple(field.name for field in fields(Objective) if field.name != "name")


def load(path: Path = SOURCE) -> list[Objective]:
    """Load the objectives in the order of the file.

    Raises:
        CatalogueError: with every problem in the file.
    """
    try:
        content = read_yaml(path)
    except InvalidFileError as error:
        raise CatalogueError([Problem(path.name, error.found, error.allowed)]) from None
    if not isinstance(content, dict):
        raise CatalogueError([Problem(path.name, repr(content)[:60], "a mapping from objective names to fields")])
    problems = [
        problem for name, entry in content.items() for problem in _problems(name, f"{path.name}: {name}", entry)
    ]
    if problems:
        raise CatalogueError(problems)
    return [Objective(name=name, **_stripped(entry)) for name, entry in content.items()]


def _stripped(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.strip() if isinstance(value, str) else value for name, value in entry.items()}


def _problems(name: object, key: str, entry: object) -> list[Problem]:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return [Problem(key, repr(name), "a name of lowercase letters, digits and -")]
    if not isinstance(entry, dict) or set(entry) != set(_FIELDS):
        found = ", ".join(map(str, entry)) if isinstance(entry, dict) else repr(entry)
        return [Problem(key, found, f"exactly {', '.join(_FIELDS)}")]
    problems = [
        Problem(f"{key}.{field}", repr(entry[field]), "a non-empty string")
        for field in _FIELDS
        if field not in ("objective", "minimum_failures")
        and not (isinstance(entry[field], str) and entry[field].strip())
    ]
    if not is_number(entry["objective"]) or not 0.5 <= entry["objective"] <= 0.99999:
        problems.append(Problem(f"{key}.objective", repr(entry["objective"]), "a ratio from 0.5 to 0.99999"))
    minimum = entry["minimum_failures"]
    if not isinstance(minimum, int) or isinstance(minimum, bool) or not 1 <= minimum <= _MOST_FAILURES:
        allowed = f"an integer from 1 to {_MOST_FAILURES}"
        problems.append(Problem(f"{key}.minimum_failures", repr(minimum), allowed))
    if problems:
        return problems
    formats: tuple[tuple[str, bool, str], ...] = (
        ("area", entry["area"] in AREAS, ", ".join(AREAS)),
        ("team", _NAME.fullmatch(entry["team"]) is not None, "a name of lowercase letters, digits and -"),
        ("alert", ALERT_NAME.fullmatch(entry["alert"]) is not None, "a name such as SubjectCondition"),
        ("dashboard_url", is_link(entry["dashboard_url"].strip()), LINK_FORMAT),
    )
    problems = [
        Problem(f"{key}.{field}", entry[field], allowed) for field, accepted, allowed in formats if not accepted
    ]
    return problems + [
        Problem(f"{key}.{field}", entry[field], f"a valid PromQL expression ({reason})")
        for field in ("events", "failures")
        if (reason := promql_fault(entry[field]))
    ]
