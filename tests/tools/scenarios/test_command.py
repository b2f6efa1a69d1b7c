"""The command, with rules and routes that are not this project's: the documented example."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import yaml

from common.project import DOCS, PROJECT

EXAMPLE: Final = DOCS / "examples" / "scenarios"


def play(*names: str, routes: Path = EXAMPLE / "alertmanager.yaml") -> subprocess.CompletedProcess[str]:
    """Play the scenarios of the example."""
    files = [
        "--folder",
        str(EXAMPLE / "stories"),
        "--rules",
        str(EXAMPLE / "rules.yaml"),
        "--alertmanager",
        str(routes),
    ]
    command = [sys.executable, "-m", "tools.scenarios", *files, *names]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_the_example_passes_and_prints_a_line_per_scenario_and_totals() -> None:
    result = play()
    assert result.returncode == 0, result.stdout + result.stderr
    assert [line.split()[-4:-2] for line in result.stdout.splitlines()[1:3]] == [["healthy", "ok"], ["shop-down", "ok"]]
    assert "scenarios 2/2, expected pages received 1/1, unnecessary pages 0" in result.stdout


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("inhibit_rules", [], "not wanted: on-call: CheckoutFailing {service=shop}"),
        ("route", {"receiver": "chat"}, "missing: on-call: ShopDown"),
    ],
)
def test_a_removed_route_or_inhibition_rule_is_reported(key: str, value: object, problem: str, tmp_path: Path) -> None:
    content = yaml.safe_load((EXAMPLE / "alertmanager.yaml").read_text())
    (tmp_path / "alertmanager.yaml").write_text(yaml.safe_dump(content | {key: value}))
    result = play("shop-down", routes=tmp_path / "alertmanager.yaml")
    assert result.returncode == 1
    assert problem in result.stdout


def test_an_unknown_scenario_is_one_error_with_the_nearest_name() -> None:
    result = play("shop-dwn")
    assert result.returncode == 2
    assert "shop-dwn: found an unknown scenario; allowed: shop-down (did you mean that?)" in result.stderr
