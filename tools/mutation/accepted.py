"""Accepted surviving mutants with their reasons, from accepted.yaml."""

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import yaml

from common.problems import Problem
from tools.mutation.results import Result

# File with the reasons.
ACCEPTED: Final = Path(__file__).with_name("accepted.yaml")

# Reason by rule and change; a `*` in the name of a rule matches several rules.
Reasons = Mapping[str, Mapping[str, str]]


def load(path: Path = ACCEPTED) -> Reasons:
    """Load the reasons."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def accepted_changes(reasons: Reasons, name: str) -> list[str]:
    """Return the accepted changes of a rule."""
    return [change for rule, changes in reasons.items() if fnmatchcase(name, rule) for change in changes]


def unlisted(reasons: Reasons, results: Mapping[str, Result]) -> list[tuple[str, str]]:
    """Return rule and change of each survivor without a reason."""
    return [
        (name, change)
        for name, result in results.items()
        for change in result.survived
        if change not in accepted_changes(reasons, name)
    ]


def find_problems(reasons: Reasons, results: Mapping[str, Result], rules: Collection[str]) -> list[Problem]:
    """Return survivors without a reason, and invalid or obsolete reasons."""
    allowed = "a test case that fails for it, or a reason in accepted.yaml"
    survivors = [
        Problem(f"{name}: {change}", "a surviving mutant", allowed) for name, change in unlisted(reasons, results)
    ]
    return [*survivors, *_misplaced(reasons, results, rules)]


def _misplaced(reasons: Reasons, results: Mapping[str, Result], rules: Collection[str]) -> Iterator[Problem]:
    for rule, changes in reasons.items():
        matched = [name for name in rules if fnmatchcase(name, rule)]
        for change, reason in changes.items():
            key = f"accepted.yaml: {rule}: {change}"
            if len(str(reason).split()) < 5:
                yield Problem(key, repr(reason), "a sentence that explains why no test case can detect it")
            killed = [name for name in matched if name in results and change not in results[name].survived]
            if killed or not matched:
                yield Problem(
                    key,
                    f"a reason without a surviving mutant: {', '.join(killed) or 'no such rule'}",
                    "reasons only for survivors",
                )
