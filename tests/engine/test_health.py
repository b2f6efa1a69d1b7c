"""Health check and deployment script on a deployed stack, as a user starts them.

API server, operator, engine and Helm are real. Nodes and pods are simulated, so what only a running pod knows is
unknown; tests/cluster has a real node.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.checkout import Checkout

pytestmark = pytest.mark.usefixtures("state_saved_at_the_end")

# Known to the API server, without a running pod.
KNOWN = {"reconciled", "deployed", "accepted", "rejected", "claims", "remote write", "client certificates"}
BROKEN_MONITOR = {
    "apiVersion": "monitoring.coreos.com/v1",
    "kind": "ServiceMonitor",
    "metadata": {"name": "broken", "namespace": "monitoring", "labels": {"monitoring/stack": "bais"}},
    "spec": {
        "selector": {},
        "endpoints": [{"port": "web", "relabelings": [{"action": "labelmap", "regex": "("}]}],
    },
}


def run_script(
    checkout: Checkout, script: str, *arguments: str, folder: Path, answer: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a script of a checkout in another folder."""
    return subprocess.run(
        [str(checkout.folder / "scripts" / script), *arguments],
        cwd=folder,
        env=os.environ | {"NODE": "simulated"},
        input=answer,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def values(checks: list[dict[str, Any]], state: str) -> Mapping[str, str]:
    return {f"{each['check']} {each['subject']}".strip(): each["value"] for each in checks if each["state"] == state}


def test_on_simulated_nodes_nothing_fails_and_nothing_that_a_pod_must_prove_is_ok(deployed: Checkout) -> None:
    code, checks = deployed.health()
    assert (code, values(checks, "failed")) == (2, {})
    assert {each["check"] for each in checks if each["state"] == "ok"} == KNOWN
    assert [each for each in checks if each["state"] == "unknown" and not each["simulated"]] == []


def test_the_deployment_script_asks_and_changes_nothing_without_an_answer(deployed: Checkout, tmp_path: Path) -> None:
    result = run_script(deployed, "deploy-monitoring.sh", folder=tmp_path, answer="n\n")
    assert result.returncode == 1, result.stdout
    assert "step 2 of 4: preview" in result.stdout
    assert "step 3 of 4" not in result.stdout
    assert result.stderr.endswith("stack local was not changed\n")


def test_the_deployment_script_shows_its_steps_and_ends_with_the_health(deployed: Checkout, tmp_path: Path) -> None:
    result = run_script(deployed, "deploy-monitoring.sh", "--stack", "local", "--yes", folder=tmp_path)
    steps = [line for line in result.stdout.splitlines() if line.startswith("step ")]
    assert steps == [
        "step 1 of 4: checks",
        "step 2 of 4: preview",
        "step 3 of 4: update",
        "step 4 of 4: health check",
    ], result.stdout
    assert result.returncode == 2, result.stdout
    assert result.stdout.splitlines()[-1].startswith("could not be determined completely: "), result.stdout


def test_what_is_broken_by_hand_fails_with_its_number(deployed: Checkout) -> None:
    kubectl = deployed.control_plane.kubectl
    kubectl("label", "prometheusrule", "alerts-cache", "--namespace=monitoring", "monitoring/stack-")
    kubectl("apply", "--filename=-", text=yaml.safe_dump(BROKEN_MONITOR))
    kubectl("delete", "configmap", "dashboard-bais-api", "--namespace=monitoring")
    kubectl("set", "image", "deployment/kube-state-metrics", "--namespace=monitoring", "*=kube-state-metrics:v1.0.0")
    for _ in range(10):
        code, checks = deployed.health()
        failed = values(checks, "failed")
        if {"accepted", "rejected"} <= failed.keys():
            break
    assert code == 1
    assert failed["accepted"].startswith("9 of 10 rule files as planned; PrometheusRule monitoring/alerts-cache: ")
    assert failed["rejected"].startswith("ServiceMonitor monitoring/broken: ")
    assert failed["deployed"] == "7 of 8 as planned; not bais-api"
    assert "kube-state-metrics v1.0.0 instead of v2.20.0" in failed["available kube-state-metrics"]
    assert all(each["action"] for each in checks if each["state"] != "ok")


def test_a_stack_that_is_not_deployed_is_one_clear_error(deployed: Checkout, tmp_path: Path) -> None:
    with deployed.edit_settings() as settings:
        settings["monitoring:namespace"] = "elsewhere"
    try:
        result = run_script(deployed, "monitoring-health-check.sh", folder=tmp_path)
    finally:
        with deployed.edit_settings() as settings:
            del settings["monitoring:namespace"]
    expected = "Error: stack local is not deployed: bais-local has no namespace elsewhere\n"
    assert (result.returncode, result.stdout, result.stderr) == (2, "", expected)


def test_a_cluster_that_does_not_answer_is_one_clear_error(deployed: Checkout, tmp_path: Path) -> None:
    assert deployed.run("down").returncode == 0
    result = run_script(deployed, "monitoring-health-check.sh", folder=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "monitoring:cluster.context  found no response from 127.0.0.1:" in result.stderr
    assert "Traceback" not in result.stderr
