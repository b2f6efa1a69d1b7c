"""A linter that knows PromQL well finds nothing in any stack's rules, and would find what it is meant to."""

from pathlib import Path

import pytest

from local.tools.toolset import binary
from tests.rules.lint import CONFIGURATION, lint, write_rules
from tests.rules.manifests import manifests
from tools.mocked_program import STACKS


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    if not binary("pint").exists():
        pytest.fail("pint is not built; run `make test`, or `.venv/bin/python -m local tools --tests`")


@pytest.mark.parametrize("stack", STACKS)
def test_pint_finds_nothing_in_the_rules_of_a_stack(stack: str, tmp_path: Path) -> None:
    rules = manifests(stack)
    assert len(rules) == 10
    status, words = lint(write_rules(tmp_path, rules), "--offline")
    assert status == 0, words
    assert "level=ERROR" not in words


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        ("severity: critical", "severity: criticl", "rule/label"),
        ("team: api", "squad: api", "rule/label"),
        ("impact:", "effect:", "alerts/annotation"),
        ("sum by (namespace, job, service) (rate(http_requests_total[5m]))", "sum(", "promql/syntax"),
        ("{{ $labels.service }}", "{{ $labels.zone }}", "alerts/template"),
        ('status=~"5.."', 'status=~"500"', "promql/regexp"),
    ],
)
def test_pint_finds_what_is_broken(old: str, new: str, check: str, tmp_path: Path) -> None:
    rules = write_rules(tmp_path, manifests("prod"))
    file = rules / "alerts-api.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    status, words = lint(rules, "--offline")
    assert status == 1
    assert f"({check})" in words


def test_each_check_that_is_off_has_its_reason() -> None:
    lines = CONFIGURATION.read_text().splitlines()
    blocks = [number for number, line in enumerate(lines) if line.startswith("rule {")]
    off = [max(block for block in blocks if block < number) for number, line in enumerate(lines) if "disable" in line]
    assert off
    assert [lines[block] for block in off if not lines[block - 1].startswith("# ")] == []
