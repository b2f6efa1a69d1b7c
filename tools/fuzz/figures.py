"""Figures of a run of the fuzz tests."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tools.fuzz.mutations import Mutant
from tools.fuzz.trials import Trial


@dataclass
class Figures:
    """Counts of the trials, and the failed ones."""

    tried: Counter[str] = field(default_factory=Counter)
    valid: int = 0
    refused: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[Mutant, Trial]] = field(default_factory=list)
    changed_files: list[str] = field(default_factory=list)
    slowest_seconds: float = 0
    most_megabytes: float = 0

    def add(self, mutant: Mutant, trial: Trial) -> None:
        """Count a trial."""
        self.tried[mutant.subject] += 1
        self.slowest_seconds = max(self.slowest_seconds, trial.seconds)
        self.most_megabytes = max(self.most_megabytes, trial.megabytes)
        if trial.fault:
            self.faults[trial.fault] += 1
            self.failed.append((mutant, trial))
        elif trial.problems:
            self.refused += 1
        else:
            self.valid += 1

    @property
    def good(self) -> bool:
        """Return whether every mutant was a valid plan or clearly refused, and no file changed."""
        return bool(self.tried) and not self.failed and not self.changed_files

    def as_dict(self) -> dict[str, object]:
        """Return the figures for JSON."""
        return {
            "tried": self.tried.total(),
            "tried by kind": dict(self.tried),
            "refused": self.refused,
            "valid": self.valid,
            "tracebacks": self.faults["traceback"],
            "hangs": self.faults["hang"],
            "too much memory": self.faults["memory"],
            "unclear errors": self.faults["unclear"],
            "changed files": self.changed_files,
            "slowest run in seconds": round(self.slowest_seconds, 2),
            "largest run in megabytes": round(self.most_megabytes),
        }
