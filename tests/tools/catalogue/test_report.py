"""The catalogue is whole, and what is not is named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalogue import loader, rule_tests
from tools.catalogue.__main__ import main
from tools.catalogue.report import build_report
from tools.mutation import results
from tools.mutation.subjects import subjects


def test_nothing_is_missing() -> None:
    """Should this name `make mutate`: it tests what changed since its last run, within a minute for most rules."""
    assert build_report(loader.load(), rule_tests.load()).missing == ()


def test_a_missing_runbook_and_a_case_too_few_are_named(tmp_path: Path) -> None:
    every = rule_tests.load()
    cache = every["cache"]
    cases = tuple(
        case for case in cache.cases if not (case.subject == "RedisDown" and "without data" in case.content["name"])
    )
    assert len(cases) == len(cache.cases) - 1
    missing = build_report(loader.load(), {**every, "cache": replace(cache, cases=cases)}, tmp_path).missing
    assert "RedisDown: no runbook" in missing
    assert any(each.startswith("RedisDown: no case shows: ") for each in missing)


def test_a_rule_that_changed_since_it_was_mutated_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = results.load()
    outdated = {**kept, "RedisDown": replace(kept["RedisDown"], digest="another")}
    monkeypatch.setattr(results, "load", lambda: outdated)
    every = subjects(rule_tests.load())
    assert "RedisDown" not in results.current(outdated, every)
    missing = build_report(loader.load(), rule_tests.load()).missing
    assert missing == ("RedisDown: not tested by `make mutate` since it or its cases changed",)


def test_a_machine_reads_the_same() -> None:
    answer = json.loads(CliRunner().invoke(main, ["--json"]).stdout)
    assert answer["whole"] is True
    assert sum(sum(counts.values()) for counts in answer["alerts"].values()) == len(loader.load().alerts)
