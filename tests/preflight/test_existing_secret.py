import os
from pathlib import Path

import pytest

from common.problems import Problem
from preflight.existing_secret import existing_secret_problems
from settings.credentials import PAGERDUTY_ROUTING_KEY, SMTP_PASSWORD

KEY = "monitoring:notifications.existingSecret"
NEEDED = (PAGERDUTY_ROUTING_KEY, SMTP_PASSWORD)


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for kubectl that answers with the file `answer`, exits with `status`, and writes what it was asked."""
    program = tmp_path / "kubectl"
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncat {tmp_path}/answer\nexit $(cat {tmp_path}/status)\n'
    )
    program.chmod(0o755)
    (tmp_path / "status").write_text("0")
    (tmp_path / "answer").write_text("")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def problems(context: str | None = None) -> list[Problem]:
    return existing_secret_problems(context, "monitoring", "bais-alertmanager", NEEDED)


def test_a_secret_with_every_file_is_no_problem(kubectl: Path) -> None:
    (kubectl / "answer").write_text("bais-alertmanager\npagerduty-routing-key 44\nsmtp-password 8\nanother 4\n")
    assert problems() == []


def test_it_is_looked_for_in_the_cluster_and_namespace_of_the_stack(kubectl: Path) -> None:
    problems(context="bais-prod")
    asked = (kubectl / "asked").read_text()
    assert asked.startswith("get secret bais-alertmanager --namespace=monitoring --ignore-not-found")
    assert "--context=bais-prod" in asked


def test_one_that_is_missing_is_told_with_the_files_that_it_needs(kubectl: Path) -> None:
    assert problems() == [
        Problem(
            KEY,
            "no Secret bais-alertmanager in namespace monitoring",
            "one with the keys pagerduty-routing-key, smtp-password",
        )
    ]


def test_each_missing_or_empty_file_is_a_problem(kubectl: Path) -> None:
    (kubectl / "answer").write_text("bais-alertmanager\nsmtp-password 0\n")
    assert [problem.found for problem in problems()] == [
        "Secret bais-alertmanager with no key pagerduty-routing-key",
        "Secret bais-alertmanager with an empty key smtp-password",
    ]


def test_a_secret_without_any_data_lacks_every_file(kubectl: Path) -> None:
    (kubectl / "answer").write_text("bais-alertmanager\n")
    assert len(problems()) == len(NEEDED)


def test_whoever_may_not_look_is_not_kept_from_deploying(kubectl: Path) -> None:
    (kubectl / "status").write_text("1")
    assert problems() == []


def test_nor_is_a_machine_without_kubectl(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert problems() == []
