"""The commands of the preview job, with the real engine, its policy pack and a deployed stack.

Nodes and pods are simulated by KWOK; operator, API server, controllers and engine are real.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest
import yaml

from common.project import PROJECT
from operations.preview_summary.comment import MARKER
from settings.credentials import CREDENTIALS
from tests.setting_changes import local
from tools.canaries import leaked_credentials
from tools.checkout import Checkout

pytestmark = pytest.mark.usefixtures("state_saved_at_the_end")


def job(name: str, workflow: str = "preview") -> list[str]:
    """Return the commands of make in a job of a workflow."""
    content = yaml.safe_load((PROJECT / ".github" / "workflows" / f"{workflow}.yaml").read_text())
    runs = [step["run"] for step in content["jobs"][name]["steps"] if "run" in step]
    return [run for run in runs if run.startswith("make ")]


def run(checkout: Checkout, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of a job as written, on stack `local`."""
    environment = os.environ | {"STACK": "local", "NODE": "simulated"} | variables
    return subprocess.run(
        ["bash", "-ec", command.replace("make ", "make -o .venv/complete ")],
        cwd=checkout.folder, env=environment, capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip


def summary_lines(result: subprocess.CompletedProcess[str]) -> list[str]:
    first, *rest = result.stdout.splitlines()
    assert first == MARKER, result.stderr
    return [line for line in rest if line]


@pytest.fixture
def settings(deployed: Checkout) -> Iterator[Checkout]:
    """The checkout, whose settings are those of the project again after the test."""
    yield deployed
    deployed.replace_settings()


def test_an_unchanged_stack_is_one_line(settings: Checkout) -> None:
    (preview,) = job("preview")
    result = run(settings, preview)
    assert (result.returncode, summary_lines(result)) == (0, ["### local: no changes"]), result.stderr


def test_a_changed_threshold_is_a_comment_of_a_few_lines_with_both_values(settings: Checkout) -> None:
    settings.replace_settings(**local("alerts", tunables={"target_down_ratio": 0.25}))
    (preview,) = job("preview")
    result = run(settings, preview)
    assert result.returncode == 0, result.stderr
    lines = summary_lines(result)
    assert lines[0] == "### local: 3 changes"
    print(result.stdout)
    assert leaked_credentials(CREDENTIALS, result.stdout) == set()
