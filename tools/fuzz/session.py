"""A fuzz session: mutants of every subject, run in processes of their own, several at a time."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import hypothesis
from hypothesis import strategies as st

from common.project import PROJECT, RULES
from tools.fuzz import trials
from tools.fuzz.figures import Figures
from tools.fuzz.mutations import Mutant, mutants
from tools.fuzz.subjects import Subject, prepare, subjects

# Receives the figures after each trial.
Report = Callable[[Figures], None]


def fuzz(count: int, *, seed: int, jobs: int, report: Report = lambda _: None) -> Figures:
    """Try `count` mutants, the same ones for the same seed, and return the figures."""
    prepare()
    figures = Figures()
    before = _fingerprints()
    with tempfile.TemporaryDirectory() as folder:
        pool = _Pool(Path(folder), jobs, figures, report)
        for subject in subjects().values():
            _generate(subject, max(1, count * subject.share // 100), seed, pool.run)
        pool.wait_for_all()
    after = _fingerprints()
    figures.changed_files = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return figures


def _generate(subject: Subject, count: int, seed: int, run: Callable[[Mutant], None]) -> None:
    strategy = st.sampled_from(subject.files).flatmap(lambda path: mutants(subject.name, path))

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def each(mutant: Mutant) -> None:
        run(mutant)

    each()


@dataclass
class _Pool:
    """The running trials, at most `jobs` of them."""

    folder: Path
    jobs: int
    figures: Figures
    report: Report

    def __post_init__(self) -> None:
        self._subjects = subjects()
        self._running: list[tuple[Mutant, trials.Running]] = []
        self._started = 0

    def run(self, mutant: Mutant) -> None:
        """Start a trial, after another has finished if `jobs` are running."""
        if len(self._running) >= self.jobs:
            self._finish_one()
        self._started += 1
        folder = self.folder / str(self._started)
        folder.mkdir()
        path = folder / mutant.file
        path.write_bytes(mutant.content)
        check = self._subjects[mutant.subject].check
        self._running.append((mutant, trials.start(lambda: [str(problem) for problem in check(path)])))

    def wait_for_all(self) -> None:
        """Finish every trial."""
        while self._running:
            self._finish_one()

    def _finish_one(self) -> None:
        mutant, running = self._running.pop(0)
        self.figures.add(mutant, trials.finish(running))
        self.report(self.figures)


def _fingerprints() -> dict[str, str]:
    """Return the digest of each file that the checks read, by its path in the project."""
    files = [*PROJECT.glob("Pulumi*.yaml"), *RULES.iterdir(), *(PROJECT / "routing" / "templates").iterdir()]
    files += [*(PROJECT / "runbooks").iterdir(), *(PROJECT / "docs" / "reference").iterdir()]
    return {
        str(file.relative_to(PROJECT)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
        if file.is_file()
    }
