"""Upgrade of a deployed stack, the objects that changed settings change, and the way back to earlier versions.

Nodes and pods are simulated by KWOK; operator, API server, controllers and engine are real.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from manifests.charts import PROMETHEUS_IMAGE
from tests.engine.engine import deployed_charts, select, steps
from tests.setting_changes import CHANGES, local
from tools.checkout import Checkout
from tools.earlier_versions import downgrade, previous_version, restore_versions

KINDS_WITH_DATA: Final = "persistentvolumeclaims,prometheuses.monitoring.coreos.com,alertmanagers.monitoring.coreos.com"
SMALLER: Final = {"storage": {"size": "1Gi"}, "retention": "2d"}


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
    checkout.provide_charts(charts)
    previous = pytestconfig.getoption("--previous-charts")
    downgrade(checkout, Path(previous) if previous else None)
    checkout.replace_settings(**local("prometheus", **SMALLER), **local("grafana", storage={"size": "1Gi"}))
    select(checkout).up()
    return identities(checkout)


@pytest.fixture(scope="module")
def upgrade(checkout: Checkout, charts: Path | None, earlier: dict[str, str]) -> set[tuple[str, str]]:
    """Steps of the upgrade to the current versions."""
    restore_versions(checkout, charts)
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


@pytest.mark.parametrize("group", [0, 1])
def test_changed_settings_preview_as_a_change_of_their_objects_only(
    group: int, checkout: Checkout, upgrade: set[tuple[str, str]]
) -> None:
    """Two groups, because their objects are disjoint; tests/components/test_changes.py separates the settings."""
    changes = [change for change in CHANGES.values() if change.group == group]
    checkout.replace_settings(**{name: section for change in changes for name, section in change.sections.items()})
    expected = [step for change in changes for step in change.steps]
    assert len(set(expected)) == len(expected)
    assert steps(select(checkout).preview) == set(expected)
    checkout.replace_settings()


@pytest.fixture(scope="module")
def rollback(checkout: Checkout, upgrade: set[tuple[str, str]], pytestconfig: pytest.Config) -> set[tuple[str, str]]:
    """Steps of the way back: the files of the earlier versions, as after `git revert`, and another `up`."""
    previous = pytestconfig.getoption("--previous-charts")
    downgrade(checkout, Path(previous) if previous else None)
    return steps(select(checkout).up)


def test_a_rollback_only_updates_resources(rollback: set[tuple[str, str]], upgrade: set[tuple[str, str]]) -> None:
    assert {operation for operation, _ in rollback} == {"update"}
    assert {name for _, name in rollback if name.endswith("-release")} == {
        name for _, name in upgrade if name.endswith("-release")
    }


def test_a_rollback_does_not_recreate_objects_with_data(
    checkout: Checkout, earlier: dict[str, str], rollback: set[tuple[str, str]]
) -> None:
    assert identities(checkout) == earlier


def test_a_rollback_deploys_the_earlier_version(checkout: Checkout, rollback: set[tuple[str, str]]) -> None:
    images = checkout.control_plane.kubectl(
        "get", "pods", "-n", "monitoring", "-l", "app.kubernetes.io/name=prometheus", "-o", "jsonpath={..image}"
    )
    assert previous_version(PROMETHEUS_IMAGE.version.removeprefix("v")) in images
    assert str(PROMETHEUS_IMAGE) not in images.split()
