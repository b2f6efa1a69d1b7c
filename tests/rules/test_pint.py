"""Lint of the rules of every stack with pint."""

from pathlib import Path

import pytest

from local.tools.toolset import binary
from tests.rules.lint import CONFIGURATION, lint, write_rules
from tools.mocked_program import STACKS
from tools.rule_manifests import manifests

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    if not binary("pint").exists():
        pytest.fail("pint is not built; run `make test`, or `.venv/bin/python -m local tools --tests`")


@pytest.mark.parametrize("stack", STACKS)
def test_pint_reports_nothing_for_the_rules_of_a_stack(stack: str, tmp_path: Path) -> None:
    rules = manifests(stack)
    assert len(rules) == 10
    status, output = lint(write_rules(tmp_path, rules), "--offline")
    assert status == 0, output
    assert "level=ERROR" not in output


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        ("severity: critical", "severity: criticl", "rule/label"),
        ("team: api", "squad: api", "rule/label"),
        ("impact:", "effect:", "alerts/annotation"),
        ("histogram_quantile(0.95, ", "histogram_quantile((", "promql/syntax"),
        ("{{ $labels.service }}", "{{ $labels.zone }}", "alerts/template"),
        (r"status=~\"5..\"", r"status=~\"500\"", "promql/regexp"),
    ],
)
def test_pint_reports_a_broken_rule(old: str, new: str, check: str, tmp_path: Path) -> None:
    rules = write_rules(tmp_path, manifests("prod"))
    file = rules / "alerts-api.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    status, output = lint(rules, "--offline")
    assert status == 1
    assert f"({check})" in output


def test_each_disabled_check_has_a_reason() -> None:
    lines = CONFIGURATION.read_text().splitlines()
    blocks = [number for number, line in enumerate(lines) if line.startswith("rule {")]
    disabled = [
        max(block for block in blocks if block < number) for number, line in enumerate(lines) if "disable" in line
    ]
    assert disabled
    assert [lines[block] for block in disabled if not lines[block - 1].startswith("# ")] == []
