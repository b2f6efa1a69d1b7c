"""Rules of every stack, checked by promtool."""

import subprocess
from pathlib import Path

import pytest

from tests.rules.lint import write_rules
from tools.mocked_program import STACKS
from tools.rule_manifests import manifests


@pytest.mark.parametrize("stack", STACKS)
def test_promtool_accepts_the_rules_of_a_stack(promtool: str, stack: str, tmp_path: Path) -> None:
    files = sorted(write_rules(tmp_path, manifests(stack)).iterdir())
    command = [promtool, "check", "rules", "--lint=all", "--lint-fatal", *map(str, files)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("SUCCESS") == len(files) == 10
