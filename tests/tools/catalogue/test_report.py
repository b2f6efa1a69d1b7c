"""Report of the catalogue: complete, and gaps are reported."""

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


def test_the_catalogue_is_complete() -> None:
    """Run `make mutate` if this reports it: it tests only changed rules."""
    assert build_report(loader.load(), rule_tests.load()).missing == ()


def test_a_missing_runbook_and_a_missing_case_are_reported(tmp_path: Path) -> None:
    every = rule_tests.load()
    cache = every["cache"]
    cases = tuple(
        case for case in cache.cases if not (case.subject == "RedisDown" and "without data" in case.content["name"])
    )
    assert len(cases) == len(cache.cases) - 1
    missing = build_report(loader.load(), {**every, "cache": replace(cache, cases=cases)}, tmp_path).missing
    assert "RedisDown: no runbook" in missing
    assert any(each.startswith("RedisDown: no test case for: ") for each in missing)


def test_a_rule_that_changed_since_its_mutation_test_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    current = results.load()
    outdated = {**current, "RedisDown": replace(current["RedisDown"], digest="another")}
    monkeypatch.setattr(results, "load", lambda: outdated)
    every = subjects(rule_tests.load())
    assert "RedisDown" not in results.current(outdated, every)
    missing = build_report(loader.load(), rule_tests.load()).missing
    assert missing == ("RedisDown: changed since its last mutation test; run `make mutate`",)


def test_json_contains_the_same_figures() -> None:
    printed = json.loads(CliRunner().invoke(main, ["--json"]).stdout)
    assert printed["whole"] is True
    assert sum(sum(counts.values()) for counts in printed["alerts"].values()) == len(loader.load().alerts)
