"""The example program of another team, which uses the outputs of a deployed stack.

Nodes and pods are simulated by KWOK; operator, API server, controllers and engine are real.
"""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Final

import pytest
import yaml
from pulumi import automation

from common.project import PROJECT
from tests.engine.engine import select, steps
from tools.checkout import Checkout
from tools.operator_output import prometheus_files

NAME: Final = "docs/examples/consumer"
REFERENCE: Final = "orders-monitoring:monitoring"
CREATED: Final = ("orders", "monitor", "alerts", "dashboard")
ENGINE_RESOURCES: Final = ("orders-monitoring-local", "cluster", "default")


@pytest.fixture(scope="module")
def consumer(deployed: Checkout) -> automation.Stack:
    """Stack of the example program, next to a deployed monitoring stack."""
    folder = deployed.folder / NAME
    shutil.copytree(PROJECT / NAME, folder)
    return select(deployed, work=folder)


def test_the_program_deploys(consumer: automation.Stack) -> None:
    assert steps(consumer.up) == {("create", name) for name in (*CREATED, *ENGINE_RESOURCES)}


def test_the_next_preview_is_empty(consumer: automation.Stack) -> None:
    assert steps(lambda **note: consumer.preview(expect_no_changes=True, **note)) == set()


def test_the_operator_selects_its_monitor_and_its_alert(
    checkout: Checkout, consumer: automation.Stack, tmp_path: Path
) -> None:
    deadline = time.monotonic() + 30
    while True:
        configuration, rules = prometheus_files(checkout.control_plane, tmp_path)
        jobs = {job["job_name"] for job in yaml.safe_load(configuration.read_text())["scrape_configs"]}
        found = ("serviceMonitor/orders/orders/0" in jobs, any("OrdersStuck" in path.read_text() for path in rules))
        if all(found) or time.monotonic() > deadline:
            break
        time.sleep(1)
    assert found == (True, True)


def test_grafana_selects_its_dashboard(checkout: Checkout, consumer: automation.Stack) -> None:
    listed = checkout.control_plane.kubectl(
        "get", "configmap", "-l", "grafana_dashboard=1", "-n", "monitoring", "-o", "json"
    )
    boards = {item["metadata"]["name"]: item for item in json.loads(listed)["items"]}
    (text,) = boards["dashboard-orders"]["data"].values()
    assert json.loads(text)["panels"][0]["datasource"]["uid"] == "prometheus"


def test_a_missing_output_is_an_error_that_names_it(checkout: Checkout, consumer: automation.Stack) -> None:
    """Uses a copy of the state of the monitoring stack without two outputs."""
    state = json.loads(json.dumps(select(checkout).export_stack().deployment))
    (root,) = (resource for resource in state["resources"] if resource["type"] == "pulumi:pulumi:Stack")
    for name in ("selector_label", "dashboard_label"):
        del root["outputs"][name]
    without = json.loads(json.dumps(state).replace("urn:pulumi:local::", "urn:pulumi:without::"))
    shutil.copy2(checkout.folder / "Pulumi.local.yaml", checkout.folder / "Pulumi.without.yaml")
    select(checkout, "without").import_stack(automation.Deployment(version=3, deployment=without))
    consumer.set_config(REFERENCE, automation.ConfigValue("organization/monitoring/without"))
    with pytest.raises(automation.CommandError) as refusal:
        consumer.preview()
    output = str(refusal.value)
    assert "stack organization/monitoring/without does not export what this program needs:" in output
    assert "selector_label: found nothing; needed: a str" in output
    assert "dashboard_label: found nothing" in output
    assert "Traceback" not in output
