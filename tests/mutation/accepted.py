"""The survivors that are accepted, each with its reason: accepted.yaml, and what in it does not fit the results."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import yaml

from rules.faults import Fault
from tests.mutation.results import Result

ACCEPTED: Final = Path(__file__).with_name("accepted.yaml")

Reasons = Mapping[str, Mapping[str, str]]


def load(path: Path = ACCEPTED) -> Reasons:
    """Return the reason of each accepted change, by subject and change."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def faults(reasons: Reasons, results: Mapping[str, Result]) -> list[Fault]:
    """Return each survivor without a reason, and each reason without a survivor or without words."""
    survived = {(name, change) for name, result in results.items() for change in result.survived}
    given = {(name, change): reason for name, changes in reasons.items() for change, reason in changes.items()}
    unlisted = [
        Fault(f"{name}: {change}", "a survivor", "a case that it breaks, or a reason in accepted.yaml")
        for name, change in sorted(survived - set(given))
    ]
    return [*unlisted, *_misplaced(given, survived)]


def _misplaced(given: Mapping[tuple[str, str], str], survived: set[tuple[str, str]]) -> Iterator[Fault]:
    for (name, change), reason in given.items():
        if (name, change) not in survived:
            yield Fault(f"accepted.yaml: {name}: {change}", "a reason", "none, since no such mutant survives")
        elif not isinstance(reason, str) or len(reason.split()) < 5:
            yield Fault(f"accepted.yaml: {name}: {change}", repr(reason), "a sentence that says why no case can tell")
