"""The scripts as a user starts them, from any folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

from common.project import PROJECT

SCRIPTS: Final = ("deploy-monitoring.sh", "monitoring-health-check.sh")
each_script = pytest.mark.parametrize("script", SCRIPTS)


def run(script: str, *arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROJECT / "scripts" / script), *arguments],
        cwd=folder,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@each_script
def test_help_lists_the_options_and_the_exit_codes(script: str, tmp_path: Path) -> None:
    result = run(script, "--help", folder=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    for text in ("--stack", "Exit code 0", "1:", "2:"):
        assert text in result.stdout


@each_script
def test_a_wrong_stack_is_one_clear_error(script: str, tmp_path: Path) -> None:
    result = run(script, "--stack", "prdo", folder=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    expected = "Error: STACK: found 'prdo'; allowed: prod (did you mean that?), or one of local, prod, staging\n"
    assert result.stderr == expected


@each_script
def test_an_unknown_option_is_an_error_of_usage(script: str, tmp_path: Path) -> None:
    result = run(script, "--stak", "prod", folder=tmp_path)
    assert result.returncode == 2
    assert "No such option" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_module_in_the_current_folder_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "__init__.py").write_text("raise SystemExit('imported')\n")
    assert run("monitoring-health-check.sh", "--help", folder=tmp_path).returncode == 0


def test_a_link_to_a_script_works(tmp_path: Path) -> None:
    link = tmp_path / "health"
    link.symlink_to(PROJECT / "scripts" / "monitoring-health-check.sh")
    result = subprocess.run(
        [str(link), "--help"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0
