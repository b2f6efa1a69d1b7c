"""Results of the mutation tests by rule (results.yaml), and whether they are up to date."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from tools.mutation.subjects import Subject

# File with the results.
RESULTS: Final = Path(__file__).with_name("results.yaml")

_HEAD: Final = (
    "# Written by `make mutate`: of each rule a digest of what decides, the mutants killed, and those that survived.\n"
)


@dataclass(frozen=True)
class Result:
    """Number of killed mutants of a rule, and the changes that survived."""

    digest: str
    killed: int
    survived: tuple[str, ...]


def load(path: Path = RESULTS) -> dict[str, Result]:
    """Load the results by subject name; empty before the first run."""
    content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    return {
        name: Result(entry["digest"], entry["killed"], tuple(entry["survived"]))
        for name, entry in (content or {}).items()
    }


def save(results: Mapping[str, Result], path: Path = RESULTS) -> None:
    """Write the results, sorted by name."""
    entries = [_entry(name, results[name]) for name in sorted(results)]
    temporary = path.with_suffix(".new")
    temporary.write_text(_HEAD + "".join(entries), encoding="utf-8")
    temporary.replace(path)


def add(name: str, result: Result, path: Path = RESULTS) -> None:
    """Save one more result immediately, so that an interrupted run keeps its results."""
    save({**load(path), name: result}, path)


def current(results: Mapping[str, Result], subjects: Iterable[Subject]) -> dict[str, Result]:
    """Return the results that are valid for the current rules and test cases."""
    return {
        subject.name: result
        for subject in subjects
        if (result := results.get(subject.name)) and result.digest == subject.digest
    }


def _entry(name: str, result: Result) -> str:
    survived = "".join(f"\n    - {json.dumps(change)}" for change in result.survived) or " []"
    return f"{name}:\n  digest: {json.dumps(result.digest)}\n  killed: {result.killed}\n  survived:{survived}\n"
