"""Mapping from requirements to the alerts that cover them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catalogue.model import Alert, Catalogue
from catalogue.panel_links import link_parts
from common.problems import CatalogueError, Problem, suggestion
from common.project import RULES
from common.yaml_files import InvalidFileError, read_yaml

SOURCE: Final = RULES / "requirements.yaml"


@dataclass(frozen=True)
class Requirement:
    """A requirement with its number and text; `alerts` are the alerts that cover it."""

    number: str
    words: str
    alerts: tuple[Alert, ...]
    covered_by_all: bool


def load(catalogue: Catalogue, path: Path = SOURCE) -> list[Requirement]:
    """Load the requirements in the order of the file.

    Raises:
        CatalogueError: with every requirement without an alert, and every unknown alert.
    """
    try:
        content = read_yaml(path)
    except InvalidFileError as error:
        raise CatalogueError([Problem(path.name, error.found, error.allowed)]) from None
    if not isinstance(content, dict):
        raise CatalogueError([Problem(path.name, repr(content), "a mapping from numbers to requirements")])
    if problems := [problem for number, entry in content.items() for problem in _problems(catalogue, number, entry)]:
        raise CatalogueError(problems)
    return [_requirement(catalogue, number, entry) for number, entry in content.items()]


def _problems(catalogue: Catalogue, number: str, entry: object) -> list[Problem]:
    key = f"{SOURCE.name}: {number}"
    if not isinstance(entry, dict) or set(entry) != {"words", "alerts"} or not isinstance(entry["words"], str):
        return [Problem(key, repr(entry)[:60], "exactly the fields words and alerts")]
    if entry["alerts"] == "all":
        return []
    if not isinstance(entry["alerts"], list) or not entry["alerts"]:
        return [Problem(f"{key}.alerts", repr(entry["alerts"]), "a non-empty list of alerts, or `all`")]
    unknown = [name for name in map(str, entry["alerts"]) if name not in catalogue.alerts]
    return [Problem(f"{key}.alerts", name, suggestion(name, catalogue.alerts)) for name in unknown]


def _requirement(catalogue: Catalogue, number: str, entry: Mapping[str, str | Sequence[str]]) -> Requirement:
    covered_by_all = entry["alerts"] == "all"
    names = catalogue.alerts if covered_by_all else entry["alerts"]
    return Requirement(number, str(entry["words"]), tuple(catalogue.alerts[name] for name in names), covered_by_all)


def sections(requirements: Sequence[Requirement]) -> list[str]:
    """Return the requirements as lines of Markdown, one section per requirement."""
    return [line for requirement in requirements for line in _section(requirement)]


def _section(requirement: Requirement) -> list[str]:
    lines = [f"## {requirement.number}", "", f"{requirement.words}.", ""]
    if requirement.covered_by_all:
        return [
            *lines,
            f"All {len(requirement.alerts)} alerts of the catalogue; the tests fail for an alert without one.",
            "",
        ]
    lines += ["| alert | severity | board | panel | runbook |", "|---|---|---|---|---|"]
    return [*lines, *(_row(alert) for alert in requirement.alerts), ""]


def _row(alert: Alert) -> str:
    board, panel = link_parts(alert.annotations["dashboard_url"])
    runbook = alert.annotations["runbook_url"]
    return f"| {alert.name} | {alert.severity} | `{board}` | `{panel}` | [runbook](../../{runbook}) |"
