import os
from pathlib import Path

import pytest

from common.problems import Problem
from preflight.secrets import RequiredKey, secret_problems
from settings.credentials import PAGERDUTY_ROUTING_KEY, SMTP_PASSWORD

KEY = "monitoring:notifications.existingSecret"
REQUIRED = [
    RequiredKey(setting=KEY, secret="bais-alertmanager", key=each.file, allowed=each.format.allowed)
    for each in (PAGERDUTY_ROUTING_KEY, SMTP_PASSWORD)
]


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fake kubectl that records its arguments, prints the file `output` and exits with the file `status`."""
    program = tmp_path / "kubectl"
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\ncat {tmp_path}/output\nexit $(cat {tmp_path}/status)\n'
    )
    program.chmod(0o755)
    (tmp_path / "status").write_text("0")
    (tmp_path / "output").write_text("")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def problems(context: str | None = None) -> list[Problem]:
    return secret_problems(context, "monitoring", REQUIRED)


def test_a_secret_with_every_key_is_accepted(kubectl: Path) -> None:
    (kubectl / "output").write_text(
        "bais-alertmanager\n{0} pagerduty-routing-key 44\n{0} smtp-password 8\n{0} another 4\n".format(
            "bais-alertmanager"
        )
    )
    assert problems() == []


def test_the_secret_is_read_from_the_cluster_and_namespace_of_the_stack(kubectl: Path) -> None:
    problems(context="bais-prod")
    arguments = (kubectl / "arguments").read_text()
    assert arguments.startswith("get secret bais-alertmanager --namespace=monitoring --ignore-not-found")
    assert "--context=bais-prod" in arguments


def test_a_missing_secret_is_reported_with_the_keys_that_it_requires(kubectl: Path) -> None:
    assert problems() == [
        Problem(
            KEY,
            "no Secret bais-alertmanager in namespace monitoring",
            "a Secret with the keys pagerduty-routing-key, smtp-password",
        )
    ]


def test_each_missing_or_empty_key_is_a_problem(kubectl: Path) -> None:
    (kubectl / "output").write_text("bais-alertmanager\nbais-alertmanager smtp-password 0\n")
    assert [problem.found for problem in problems()] == [
        "Secret bais-alertmanager without key pagerduty-routing-key",
        "Secret bais-alertmanager with an empty key smtp-password",
    ]


def test_every_key_is_missing_from_an_empty_secret(kubectl: Path) -> None:
    (kubectl / "output").write_text("bais-alertmanager\n")
    assert len(problems()) == len(REQUIRED)


def test_an_error_of_kubectl_does_not_block_the_deployment(kubectl: Path) -> None:
    (kubectl / "status").write_text("1")
    assert problems() == []


def test_a_missing_kubectl_does_not_block_the_deployment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert problems() == []
