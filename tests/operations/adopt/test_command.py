"""The command `adopt`: output, exit code, options; the cluster is a stand-in without running pods."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from common.problems import Problem
from operations.adopt import command
from operations.cli import main
from operations.health.run import StackCluster
from tests.operations.adopt.previous_stack import CREDENTIAL, NAME, NAMESPACE, PreviousCluster, plan, settings

TAKEN = Problem("monitoring:operator.crds", "managed, but others have them", "existing, to use those CRDs")


@pytest.fixture
def cluster() -> PreviousCluster:
    return PreviousCluster()


def adopt(
    monkeypatch: pytest.MonkeyPatch, cluster: Any, *arguments: str, with_source: bool = True, conflicts: Any = ()
) -> Result:
    @contextlib.contextmanager
    def stand_in(*_: object) -> Iterator[StackCluster]:
        yield StackCluster(plan(), settings(with_source=with_source), cluster)

    monkeypatch.setattr(command, "stack_cluster", stand_in)
    monkeypatch.setattr(command, "_conflicts", lambda _: conflicts)
    return CliRunner().invoke(main, ["adopt", "--stack", "prod", *arguments])


def test_a_stack_that_cannot_be_deployed_yet_is_blocked_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, cluster: PreviousCluster
) -> None:
    result = adopt(monkeypatch, cluster, with_source=False, conflicts=[TAKEN])
    lines = [line.strip() for line in result.output.splitlines()]
    assert result.exit_code == 1
    assert lines[0] == f"stack prod replaces {NAMESPACE}/kps, chart kube-prometheus-stack-88.5.3"
    assert "blocked  1. deploy beside: this stack is not deployed" in lines
    assert f"-> {TAKEN}" in lines
    assert "crds: existing" in lines
    assert f"prometheus: {NAMESPACE}/{NAME}-prometheus" in lines
    assert lines[-1] == "the migration is blocked: 0 of 5 steps done"
    assert CREDENTIAL not in result.output


def test_pods_that_do_not_answer_are_unknown(monkeypatch: pytest.MonkeyPatch, cluster: PreviousCluster) -> None:
    cluster.simulated = True
    result = adopt(monkeypatch, cluster, "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["exit_code"]) == (2, 2)
    assert report["release"] == {"namespace": NAMESPACE, "name": "kps", "chart": "kube-prometheus-stack-88.5.3"}
    unknown = [each["text"] for each in report["findings"] if each["outcome"] == "unknown"]
    assert unknown == [
        f"{NAMESPACE}/{NAME}-prometheus: pod {NAME}-prometheus is simulated",
        f"{NAMESPACE}/{NAME}-alertmanager: pod {NAME}-alertmanager is simulated",
    ]
    assert [step["state"] for step in report["steps"]] == ["to do"] * 5
    assert CREDENTIAL not in result.stdout


def test_applying_steps_that_are_not_done_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, cluster: PreviousCluster
) -> None:
    assert adopt(monkeypatch, cluster, "--apply").exit_code == 1


def test_a_rollback_that_cannot_reach_the_previous_stack_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, cluster: PreviousCluster
) -> None:
    result = adopt(monkeypatch, cluster, "--rollback")
    assert result.exit_code == 1
    assert "kubectl port-forward" in result.output


def test_both_directions_at_once_are_refused(monkeypatch: pytest.MonkeyPatch, cluster: PreviousCluster) -> None:
    result = adopt(monkeypatch, cluster, "--apply", "--rollback")
    assert (result.exit_code, result.output) == (2, "Error: APPLY, ROLLBACK: found both; allowed: one of them\n")
