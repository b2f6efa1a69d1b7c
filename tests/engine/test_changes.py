"""Upgrade of a deployed stack, and the objects that each kind of setting changes.

Nodes and pods are simulated by KWOK; operator, API server, controllers and engine are real.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from pulumi import automation

from common.project import PROJECT
from local.deploy.charts import choose_chart_source, provide_charts
from manifests.charts import PROMETHEUS_IMAGE
from tests.engine.engine import deployed_charts, select, steps
from tools.checkout import Checkout
from tools.earlier_versions import downgrade, previous_version, restore_versions

KINDS_WITH_DATA: Final = "persistentvolumeclaims,prometheuses.monitoring.coreos.com,alertmanagers.monitoring.coreos.com"
LOCAL: Final = yaml.safe_load((PROJECT / "Pulumi.local.yaml").read_text())["config"]
SMALLER: Final = {"storage": {"size": "1Gi"}, "retention": "2d"}


def local(section: str, **changes: object) -> dict[str, Any]:
    """Return a section of the settings of stack `local` with changed keys."""
    return {section: LOCAL.get(f"monitoring:{section}", {}) | changes}


def identities(checkout: Checkout) -> dict[str, str]:
    """Return the uid of each object whose deletion deletes data, by kind and name."""
    listed = json.loads(checkout.control_plane.kubectl("get", KINDS_WITH_DATA, "--all-namespaces", "--output=json"))[
        "items"
    ]
    return {f"{item['kind']}/{item['metadata']['name']}": item["metadata"]["uid"] for item in listed}


@pytest.fixture(scope="module")
def earlier(checkout: Checkout, charts: Path | None, pytestconfig: pytest.Config) -> dict[str, str]:
    """Objects with data in a stack with earlier versions and smaller volumes."""
    assert checkout.run("cluster").returncode == 0
    folder = checkout.folder / ".state" / "charts"
    provide_charts(folder, choose_chart_source(folder, charts))
    previous = pytestconfig.getoption("--previous-charts")
    downgrade(checkout, folder, Path(previous) if previous else None)
    checkout.replace_settings(**local("prometheus", **SMALLER), **local("grafana", storage={"size": "1Gi"}))
    select(checkout).up()
    return identities(checkout)


@pytest.fixture(scope="module")
def upgrade(checkout: Checkout, charts: Path | None, earlier: dict[str, str]) -> set[tuple[str, str]]:
    """Steps of the upgrade to the current versions."""
    restore_versions(checkout)
    folder = checkout.folder / ".state" / "charts"
    provide_charts(folder, choose_chart_source(folder, charts))
    checkout.replace_settings()
    return steps(select(checkout).up)


def test_an_upgrade_only_updates_resources(upgrade: set[tuple[str, str]]) -> None:
    assert {operation for operation, _ in upgrade} == {"update"}
    releases = {name for _, name in upgrade if name.endswith("-release")}
    assert len(releases) == len(deployed_charts("local"))
    assert {"prometheus-instance", "alertmanager-instance", "grafana"} <= {name for _, name in upgrade}


def test_an_upgrade_does_not_recreate_objects_with_data(
    checkout: Checkout, earlier: dict[str, str], upgrade: set[tuple[str, str]]
) -> None:
    assert len(earlier) == 8
    assert identities(checkout) == earlier


def test_an_upgrade_deploys_the_pinned_version(checkout: Checkout, upgrade: set[tuple[str, str]]) -> None:
    images = checkout.control_plane.kubectl(
        "get", "pods", "-n", "monitoring", "-l", "app.kubernetes.io/name=prometheus", "-o", "jsonpath={..image}"
    )
    assert str(PROMETHEUS_IMAGE) in images.split()
    assert previous_version(PROMETHEUS_IMAGE.version.removeprefix("v")) not in images


def claims(kind: str, *ordinals: int) -> list[str]:
    return [f"{kind}-{kind}-db-{kind}-{kind}-{ordinal}" for ordinal in ordinals]


SLACK: Final = local("notifications", slack={"warningChannel": "#elsewhere"})
PROBE: Final = [{"name": "example", "url": "http://127.0.0.1:9/health", "service": "example"}]
PANEL: Final = {"bais-infrastructure": {"panels": {"node-load": {"enabled": False}}}}
CHANGES: dict[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "threshold": (
        local("alerts", tunables={"target_down_ratio": 0.25}),
        {("update", "availability"), ("update", "runbooks-availability"), ("update", "dashboard-bais-infrastructure")},
    ),
    "threshold on two boards": (
        local("alerts", tunables={"api_error_ratio": 0.02}),
        {("update", name) for name in ("api", "runbooks-api", "dashboard-bais-api", "dashboard-bais-production")},
    ),
    "route": (SLACK, {("update", "alertmanager"), ("update", "alertmanager-configuration")}),
    "retention": (local("prometheus", retention="3d"), {("update", "prometheus-instance")}),
    "replica": (
        local("alertmanager", replicas=4),
        {("update", "alertmanager-instance"), *(("create", name) for name in claims("alertmanager", 3))},
    ),
    "size": (
        local("prometheus", storage={"size": "3Gi"}),
        {("update", "prometheus-instance"), *(("update", name) for name in claims("prometheus", 0, 1))},
    ),
    "panel": (local("dashboards", boards=PANEL), {("update", "dashboard-bais-infrastructure")}),
    "probe URL": (local("probes", http=PROBE), {("update", "availability"), ("update", "probe-example")}),
    "resources": (
        local("kubeStateMetrics", resources={"limits": {"memory": "1Gi"}}),
        {("update", "kube-state-metrics-release")},
    ),
}


@pytest.fixture
def changed(
    request: pytest.FixtureRequest, checkout: Checkout, upgrade: set[tuple[str, str]]
) -> Iterator[automation.Stack]:
    """The stack with changed settings during one test."""
    checkout.replace_settings(**request.param)
    yield select(checkout)
    checkout.replace_settings()


@pytest.mark.parametrize(
    ("changed", "expected"), CHANGES.values(), ids=[kind.replace(" ", "-") for kind in CHANGES], indirect=["changed"]
)
def test_a_changed_setting_previews_as_a_change_of_its_objects_only(
    changed: automation.Stack, expected: set[tuple[str, str]]
) -> None:
    assert steps(changed.preview) == expected
