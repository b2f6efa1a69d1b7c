"""The fuzz tests find faults, and a few of their mutants on every run."""

import os
import signal
import time
from pathlib import Path

import pytest

from tools.fuzz import trials
from tools.fuzz.mutations import parent_of
from tools.fuzz.session import fuzz

# Enough for each kind of file; `make fuzz` tries a hundred times as many.
MUTANTS = 20


def run(check: trials.Check) -> trials.Trial:
    return trials.finish(trials.start(check))


def crash() -> list[str]:
    raise TypeError("unhashable")


def end_abruptly() -> list[str]:
    os.kill(os.getpid(), signal.SIGKILL)
    return []


def hang() -> list[str]:
    time.sleep(60)
    return []


def test_a_traceback_a_crash_a_hang_and_an_unprintable_problem_are_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(list).fault == ""
    assert run(lambda: ["a: found b; allowed: c"]).problems == ("a: found b; allowed: c",)
    assert "TypeError: unhashable" in run(crash).traceback
    assert run(end_abruptly).fault == "traceback"
    assert run(lambda: ["a\nb"]).fault == "unclear"
    assert run(lambda: ["\x1b[2J"]).fault == "unclear"
    monkeypatch.setattr(trials, "_CLOCK_SECONDS", 0.2)
    assert run(hang).fault == "hang"
    monkeypatch.setattr(trials, "MEGABYTES", 0)
    assert run(list).fault == "memory"


@pytest.mark.parametrize("replaced", [["a", "b"], "text", 5, None, {}])
def test_a_place_that_an_earlier_edit_has_replaced_has_no_parent(replaced: object) -> None:
    content = {"outer": replaced}
    assert parent_of(content, ("outer", "inner")) is None
    assert parent_of(content, ("outer", "inner", 0)) is None
    assert parent_of(content, ("outer",)) is content
    assert parent_of([content], (0, "outer")) is content


def test_every_mutant_is_a_valid_plan_or_a_clear_refusal(promtool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(promtool).parent}{os.pathsep}{os.environ['PATH']}")
    figures = fuzz(MUTANTS, seed=1, jobs=2)
    assert [(mutant.file, trial.fault, trial.traceback) for mutant, trial in figures.failed] == []
    assert figures.good
    assert figures.tried.total() == MUTANTS
    assert figures.refused > figures.valid > 0
    assert len(figures.tried) == 5
