"""The commands of the preview job, with the real engine, its policy pack and a deployed stack.

Nodes and pods are simulated by KWOK; operator, API server, controllers and engine are real.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Final

import pytest
import yaml

from common.project import PROJECT
from operations.preview_summary.comment import MARKER
from tests.setting_changes import local
from tools.checkout import Checkout

CLAIMS: Final = '_claims("alertmanager", settings.storage, ["alertmanager-alertmanager"], settings.replicas)'

DELETED: Final = (
    "- **deleted: PersistentVolumeClaim `alertmanager-alertmanager-db-alertmanager-alertmanager-2`**, its data is lost"
)
THRESHOLD: Final = "0.10  # tunable: target_down_ratio"


def job(name: str, workflow: str = "preview") -> str:
    """Return the command of make in a job of a workflow, except that for pictures."""
    content = yaml.safe_load((PROJECT / ".github" / "workflows" / f"{workflow}.yaml").read_text())
    runs = [step["run"] for step in content["jobs"][name]["steps"] if "run" in step]
    (command,) = (str(run) for run in runs if run.startswith("make ") and "pictures" not in run)
    return command


def run(checkout: Checkout, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of a job as written, on stack `local`."""
    # A make below another one would print the folders that it enters.
    outside = {name: value for name, value in os.environ.items() if name not in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS")}
    environment = outside | {"STACK": "local", "NODE": "simulated"} | variables
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


def preview(checkout: Checkout) -> tuple[bool, list[str]]:
    """Run the preview job; return whether it succeeds, and the lines of its summary."""
    result = run(checkout, job("preview"))
    return result.returncode == 0, summary_lines(result)


def test_a_changed_threshold_is_a_comment_of_a_few_lines_with_both_values(settings: Checkout) -> None:
    settings.replace_settings(**local("alerts", tunables={"target_down_ratio": 0.25}))
    assert preview(settings) == (
        True,
        [
            "### local: 3 changes",
            "- alert changed: `TargetDown` (warning): `target_down_ratio` 0.10 → 0.25",
            "- dashboard changed: `BAIS Infrastructure`, panels changed `Targets down, top 10`",
            "- runbooks changed: `TargetDown`",
        ],
    )


def test_no_secret_of_the_stack_is_in_the_events(deployed: Checkout) -> None:
    """They are passed from job to job; after the preview above."""
    shown = deployed.run_engine("config", "--json", "--show-secrets", timeout=60)
    secrets = [each["value"] for each in json.loads(shown.stdout).values() if each["secret"]]
    assert len(secrets) > 3
    events = (deployed.folder / ".state" / "previews" / "local.jsonl").read_text()
    assert [value for value in secrets if value in events] == []


def test_the_comment_names_every_stack_even_without_its_preview(deployed: Checkout) -> None:
    """After the preview of one of two stacks."""
    previews = deployed.folder / ".state" / "previews"
    shutil.copy(previews / "local.jsonl", previews / "staging.jsonl")
    assert run(deployed, job("comment"), BASE="").returncode != 0
    shown = (deployed.folder / "comment.md").read_text().splitlines()
    assert [line for line in shown if line.startswith("###")] == ["### local: 3 changes", "### prod: preview failed"]


def test_a_deleted_claim_is_bold_and_refused(settings: Checkout) -> None:
    settings.replace_settings(**local("alertmanager", replicas=2))
    assert preview(settings) == (
        False,
        ["### local: 2 changes, **data would be lost**", DELETED, "- updated: 1 Alertmanager"],
    )


def test_a_replica_without_a_claim_is_refused_by_the_policy_pack(deployed: Checkout) -> None:
    module = deployed.folder / "manifests" / "volume_claims.py"
    text = module.read_text()
    module.write_text(text.replace(CLAIMS, f"{CLAIMS}[:-1]"))
    assert module.read_text() != text
    try:
        succeeds, lines = preview(deployed)
    finally:
        module.write_text(text)
    found = "Alertmanager alertmanager-instance: PersistentVolumeClaim: found 2 of its own; allowed: 3, one per replica"
    assert not succeeds
    assert lines == [
        "### local: preview failed, the rest is incomplete",
        f"- **refused by policy** `volume-owned: {found}`",
        DELETED,
    ]


def test_a_threshold_that_is_changed_by_hand_is_drift(deployed: Checkout) -> None:
    kubectl = deployed.control_plane.kubectl
    rules = kubectl("get", "prometheusrule", "alerts-availability", "--namespace=monitoring", "--output=json")
    changed = rules.replace(THRESHOLD, THRESHOLD.replace("0.10", "0.90"))
    assert changed != rules
    kubectl("replace", "--filename=-", text=changed)
    result = run(deployed, job("drift", "drift"))
    assert result.returncode != 0
    assert "local: found 1 change; allowed: none" in result.stderr
    assert (deployed.folder / "drift.md").read_text().splitlines() == [
        MARKER,
        "### local: 1 change",
        "",
        "- alert changed: `TargetDown` (warning): `target_down_ratio` 0.90 → 0.10",
    ]
