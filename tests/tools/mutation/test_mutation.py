"""Mutation tests of the rules."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from click.testing import CliRunner

from catalogue import rule_tests
from local.tools.toolset import binary
from tools.mutation import __main__ as command
from tools.mutation import accepted, results
from tools.mutation.mutant_runner import PromtoolError, survivors
from tools.mutation.mutants import mutants
from tools.mutation.results import Result
from tools.mutation.subjects import Subject, subjects

RULES: Final = """\
groups:
  - name: cache.memory
    rules:
      - record: instance:memory:ratio
        expr: |
          memory_used / (memory_max > 0)
      - alert: MemoryHigh
        expr: |
          instance:memory:ratio{kind="cache"} > 0.9
        for: 5m
"""
CASES: Final = """\
rule_files: [../../rules/cache.yaml]
evaluation_interval: 1m
tests:
  - name: "MemoryHigh: fires; stays silent before its duration"
    input_series:
      - {series: 'memory_used{kind="cache"}', values: 91x9}
      - {series: 'memory_max{kind="cache"}', values: 100x9}
    alert_rule_test:
      - {eval_time: 4m, alertname: MemoryHigh}
      - {eval_time: 5m, alertname: MemoryHigh, exp_alerts: [{exp_labels: {kind: cache}}]}
  - name: "MemoryHigh: stays silent at its limit"
    input_series:
      - {series: 'memory_used{kind="cache"}', values: 90x9}
      - {series: 'memory_max{kind="cache"}', values: 100x9}
    alert_rule_test:
      - {eval_time: 9m, alertname: MemoryHigh}
"""

Load = Callable[..., dict[str, Subject]]


def changes(expression: str, **fields: Any) -> list[str]:
    return [mutant.change for mutant in mutants({"expr": expression, **fields})]


def changed(expression: str) -> list[str]:
    return [mutant.rule["expr"] for mutant in mutants({"expr": expression})]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Return a function that loads the small catalogue with a replacement."""

    def read(old: str = "", new: str = "") -> dict[str, Subject]:
        (tmp_path / "cache.yaml").write_text(RULES.replace(old, new), encoding="utf-8")
        (tmp_path / "cache_test.yaml").write_text(CASES.replace(old, new), encoding="utf-8")
        return {subject.name: subject for subject in subjects(rule_tests.load(tmp_path, tmp_path))}

    return read


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("up > 3", ["up >= 3", "up < 3", "up > 2", "up > 4"]),
        ("up <= 20", ["up < 20", "up >= 20", "up <= 18", "up <= 22"]),
        ("up == 0", ["up != 0", "up == -1", "up == 1"]),
        ("up * 0.05", ["up * 0.045", "up * 0.055"]),
        ("rate(up[5m])", ["rate(up[150s])", "rate(up[600s])"]),
        ("up offset 1h", ["up offset 1800s", "up offset 7200s"]),
        (
            "avg_over_time(up[1h:5m])",
            [f"avg_over_time(up[{window}])" for window in ("1800s:5m", "7200s:5m", "1h:150s", "1h:600s")],
        ),
        ('up{a="1"}', ["up{}", 'up{a!="1"}']),
        ('up{a="1", b!="2"}', ['up{b!="2"}', 'up{a!="1", b!="2"}', 'up{a="1"}', 'up{a="1", b="2"}']),
        ('up{a=~"x|y"}', ["up{}", 'up{a!~"x|y"}', 'up{a=~"y"}', 'up{a=~"x"}']),
        ('up{a!~"5.."}', ["up{}", 'up{a=~"5.."}']),
        ('label_replace(up, "a", "1", "b", "2")  # not > 1', []),
        ("job:p95_1m:ratio", []),
    ],
)
def test_each_number_window_comparison_and_matcher_is_mutated(expression: str, expected: list[str]) -> None:
    assert changed(expression) == expected


def test_the_duration_is_mutated_by_a_minute() -> None:
    assert changes("up", **{"for": "5m"}) == ["for 5m -> 240s", "for 5m -> 360s"]
    assert changes("up", keep_firing_for="1h") == ["keep_firing_for 1h -> 3540s", "keep_firing_for 1h -> 3660s"]


def test_repeated_changes_are_numbered() -> None:
    assert changes("up > 1 and up > 1") == [
        *("> -> >=", "> -> <", "1 -> 0", "1 -> 2"),
        *("> -> >= (no. 2)", "> -> < (no. 2)", "1 -> 0 (no. 2)", "1 -> 2 (no. 2)"),
    ]


def test_mutants_of_a_rule_have_unique_names_and_differ_from_it() -> None:
    for subject in subjects(rule_tests.load()):
        names = [mutant.change for mutant in subject.mutants]
        assert len(set(names)) == len(names)
        assert all(mutant.rule != subject.rule for mutant in subject.mutants)


def test_only_undetected_mutants_survive(load: Load) -> None:
    found = load()
    promtool = binary("promtool")
    assert survivors(promtool, found["MemoryHigh"]) == ['without kind="cache"']
    assert survivors(promtool, found["cache.memory/instance:memory:ratio"]) == ["> -> >=", "0 -> -1", "0 -> 1"]


def test_a_case_that_fails_without_a_mutation_is_an_error(load: Load) -> None:
    with pytest.raises(PromtoolError, match="MemoryHigh: a case fails without a mutation"):
        survivors(binary("promtool"), load("91x9", "90x9")["MemoryHigh"])


@pytest.mark.parametrize(
    ("old", "new"), [("> 0.9", "> 0.8"), ("91x9", "92x9"), ("memory_max", "memory_size"), ("1m", "2m")]
)
def test_the_digest_changes_with_the_rule_its_inputs_and_its_cases(load: Load, old: str, new: str) -> None:
    assert load()["MemoryHigh"].digest == load()["MemoryHigh"].digest != load(old, new)["MemoryHigh"].digest


@pytest.mark.parametrize(("summary", "same"), [("It is nearly full.", True), ("It is {{ $value }}.", False)])
def test_the_digest_changes_with_the_templates_of_an_annotation_but_not_with_its_words(
    load: Load, summary: str, same: bool
) -> None:
    annotated = "        for: 5m\n        annotations: {summary: Full.}\n"
    before = load("        for: 5m\n", annotated)["MemoryHigh"]
    after = load("        for: 5m\n", annotated.replace("Full.", f'"{summary}"'))["MemoryHigh"]
    assert (before.digest == after.digest) is same


def test_results_are_valid_only_for_unchanged_rules(load: Load, tmp_path: Path) -> None:
    subject = load()["MemoryHigh"]
    results.save({"MemoryHigh": Result(subject.digest, 7, ("> -> >=",))}, tmp_path / "results.yaml")
    loaded = results.load(tmp_path / "results.yaml")
    assert results.current(loaded, [subject]) == {"MemoryHigh": Result(subject.digest, 7, ("> -> >=",))}
    assert results.current(loaded, [load("> 0.9", "> 0.8")["MemoryHigh"]]) == {}


SURVIVED: Final = {"MemoryHigh": Result("", 1, ("> -> >=",)), "MemoryLow": Result("", 1, ())}


@pytest.mark.parametrize(
    ("reasons", "problems"),
    [
        ({"MemoryHigh": {"> -> >=": "No case can be at the limit."}}, []),
        ({"Memory*h": {"> -> >=": "No case can be at the limit."}}, []),
        ({}, ["MemoryHigh: > -> >=: found a surviving mutant; allowed: a test case that fails for it, or a reason"]),
        ({"MemoryHigh": {"> -> >=": "no"}}, ["MemoryHigh: > -> >=: found 'no'; allowed: a sentence that explains why"]),
        (
            {"Memory*": {"> -> >=": "No case can be at the limit."}},
            ["Memory*: > -> >=: found a reason without a surviving mutant: MemoryLow; allowed: reasons only"],
        ),
        (
            {
                "MemoryHigh": {"> -> >=": "No case can be at the limit."},
                "Unknown": {"1 -> 2": "No case can distinguish it from 1."},
            },
            ["Unknown: 1 -> 2: found a reason without a surviving mutant: no such rule; allowed: reasons"],
        ),
    ],
)
def test_each_survivor_needs_a_reason_and_each_reason_a_survivor(
    reasons: dict[str, dict[str, str]], problems: list[str]
) -> None:
    found = [
        str(problem).removeprefix("accepted.yaml: ") for problem in accepted.find_problems(reasons, SURVIVED, SURVIVED)
    ]
    assert len(found) == len(problems)
    assert all(line.startswith(problem) for line, problem in zip(found, problems, strict=True))


def test_the_command_tests_only_changed_rules_and_fails_until_survivors_have_reasons(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load()
    small = rule_tests.load(tmp_path, tmp_path)
    monkeypatch.setattr(rule_tests, "load", lambda: small)
    saved, reasons = tmp_path / "results.yaml", tmp_path / "accepted.yaml"
    load_results, load_reasons = results.load, accepted.load
    add_result, save_results = results.add, results.save
    monkeypatch.setattr(results, "load", lambda path=saved: load_results(path))
    monkeypatch.setattr(results, "add", lambda name, result: add_result(name, result, saved))
    monkeypatch.setattr(results, "save", lambda found, path=saved: save_results(found, path))
    monkeypatch.setattr(accepted, "load", lambda: load_reasons(reasons))

    reasons.write_text("{}", encoding="utf-8")
    first = CliRunner().invoke(command.main, ["--jobs", "1"])
    assert first.exit_code == 1
    assert 'MemoryHigh: without kind="cache": found a surviving mutant' in first.stdout
    assert "[2/2]" in first.stdout

    of_ratio = dict.fromkeys(["> -> >=", "0 -> -1", "0 -> 1"], "A memory without a limit is not in any case.")
    of_alert = {'without kind="cache"': "There is one kind only in these cases."}
    text = yaml.safe_dump({"MemoryHigh": of_alert, "cache.memory/*": of_ratio})
    reasons.write_text(text, encoding="utf-8")
    second = CliRunner().invoke(command.main, [])
    assert second.exit_code == 0, second.stdout
    assert second.stdout == "8 of 12 mutants killed, 4 accepted\n"


def test_an_unknown_rule_is_rejected_with_the_closest_name() -> None:
    result = CliRunner().invoke(command.main, ["ServiceDwn"])
    assert result.exit_code == 2
    assert "ServiceDwn: found an unknown rule; allowed: ServiceDown (did you mean that?)" in result.stderr
