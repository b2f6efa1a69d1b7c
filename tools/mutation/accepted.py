"""The survivors that are accepted, each with its reason: accepted.yaml, and what in it does not fit the results."""

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import yaml

from common.problems import Problem
from tools.mutation.results import Result

ACCEPTED: Final = Path(__file__).with_name("accepted.yaml")

Reasons = Mapping[str, Mapping[str, str]]
"""The reason of each accepted change, by rule and change; a `*` in the name of a rule stands for several."""


def load(path: Path = ACCEPTED) -> Reasons:
    """Return what is accepted."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def accepted_changes(reasons: Reasons, name: str) -> list[str]:
    """Return the changes of a rule that have a reason."""
    return [change for rule, changes in reasons.items() if fnmatchcase(name, rule) for change in changes]


def unlisted(reasons: Reasons, results: Mapping[str, Result]) -> list[tuple[str, str]]:
    """Return the rule and the change of each survivor without a reason."""
    return [
        (name, change)
        for name, result in results.items()
        for change in result.survived
        if change not in accepted_changes(reasons, name)
    ]


def find_problems(reasons: Reasons, results: Mapping[str, Result], rules: Collection[str]) -> list[Problem]:
    """Return each survivor without a reason, and each reason without words or with a mutant that no longer survives."""
    allowed = "a case that it breaks, or a reason in accepted.yaml"
    survivors = [Problem(f"{name}: {change}", "a survivor", allowed) for name, change in unlisted(reasons, results)]
    return [*survivors, *_misplaced(reasons, results, rules)]


def _misplaced(reasons: Reasons, results: Mapping[str, Result], rules: Collection[str]) -> Iterator[Problem]:
    for rule, changes in reasons.items():
        matched = [name for name in rules if fnmatchcase(name, rule)]
        for change, reason in changes.items():
            key = f"accepted.yaml: {rule}: {change}"
            if len(str(reason).split()) < 5:
                yield Problem(key, repr(reason), "a sentence that says why no case can tell")
            killed = [name for name in matched if name in results and change not in results[name].survived]
            if killed or not matched:
                yield Problem(key, f"a reason, but {', '.join(killed) or 'no rule'}", "a reason for what survives only")
