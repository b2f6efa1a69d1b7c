"""The whole production stack on real charts, which `--charts` provides.

Nodes and pods are simulated by KWOK; charts, operator, API server, controllers and engine are real.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pulumi import automation

from tests.engine.engine import deployed_charts, prepare, select, stack_of, steps
from tools.checkout import Checkout


@pytest.fixture(scope="module")
def production(checkout: Checkout, charts: Path | None) -> automation.Stack:
    if charts is None:
        pytest.skip("requires the real charts: `make test CHARTS=folder`")
    prepare(checkout, charts)
    return stack_of(checkout, "prod")


def test_the_api_server_accepts_every_object(production: automation.Stack) -> None:
    assert {operation for operation, _ in steps(production.up)} == {"create"}


def test_every_chart_is_deployed(checkout: Checkout, production: automation.Stack) -> None:
    listed = checkout.control_plane.kubectl("get", "secrets", "-A", "-l", "owner=helm,status=deployed", "-o", "json")
    names = {item["metadata"]["labels"]["name"] for item in json.loads(listed)["items"]}
    assert [chart.name for chart in deployed_charts("prod") if not any(chart.makes(name) for name in names)] == []


def test_the_next_preview_is_empty(checkout: Checkout, production: automation.Stack) -> None:
    assert steps(select(checkout, "prod").preview) == set()
