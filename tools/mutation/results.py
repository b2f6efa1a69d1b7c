"""What the last run found of each rule, in results.yaml, and which of it still holds."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from tools.mutation.subjects import Subject

RESULTS: Final = Path(__file__).with_name("results.yaml")

_HEAD: Final = (
    "# Written by `make mutate`: of each rule a digest of what decides, the mutants killed, and those that survived.\n"
)


@dataclass(frozen=True)
class Result:
    """How many mutants of a rule broke a case, and the changes that broke none."""

    digest: str
    killed: int
    survived: tuple[str, ...]


def load(path: Path = RESULTS) -> dict[str, Result]:
    """Return the results by the name of the subject; none where nothing was run yet."""
    content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    return {
        name: Result(entry["digest"], entry["killed"], tuple(entry["survived"]))
        for name, entry in (content or {}).items()
    }


def save(results: Mapping[str, Result], path: Path = RESULTS) -> None:
    """Write the results."""
    entries = [_entry(name, results[name]) for name in sorted(results)]
    written = path.with_suffix(".new")
    written.write_text(_HEAD + "".join(entries), encoding="utf-8")
    written.replace(path)


def add(name: str, result: Result, path: Path = RESULTS) -> None:
    """Keep one more result at once, so that an interrupted run leaves those that it had."""
    save({**load(path), name: result}, path)


def current(results: Mapping[str, Result], subjects: Iterable[Subject]) -> dict[str, Result]:
    """Return the results that hold for the rules and cases as they are now."""
    return {
        subject.name: result
        for subject in subjects
        if (result := results.get(subject.name)) and result.digest == subject.digest
    }


def _entry(name: str, result: Result) -> str:
    survived = "".join(f"\n    - {json.dumps(change)}" for change in result.survived) or " []"
    return f"{name}:\n  digest: {json.dumps(result.digest)}\n  killed: {result.killed}\n  survived:{survived}\n"
