"""Volumes of a stack on the real engine; the tests run in file order.

Volumes are simulated: KWOK binds and expands claims. Engine, API server, its admission, controllers and operator
are real.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import Any, Final

import pytest
from pulumi import automation

from common.labels import ownership_labels
from tests.engine.engine import select
from tools.checkout import Checkout

CLAIM: Final = "kubernetes:core/v1:PersistentVolumeClaim"
TIMEOUT: Final = 30


@pytest.fixture(scope="module")
def stack(deployed: Checkout) -> automation.Stack:
    """Stack `local`, deployed; the first update enables `volumes.keepData`."""
    return select(deployed)


def write(checkout: Checkout, storage: Mapping[str, Any], *, keep_data: bool = True) -> None:
    """Set the storage of Prometheus and `volumes.keepData`."""
    with checkout.edit_settings() as settings:
        settings["monitoring:volumes"] = {"keepData": keep_data}
        settings["monitoring:prometheus"]["storage"] = {"size": "2Gi", **storage}


def run_engine(checkout: Checkout, *arguments: str) -> None:
    """Run a plain engine command, without the four that the Automation API adds to each."""
    completed = checkout.run_engine(*arguments, timeout=300)
    assert completed.returncode == 0, completed.stdout


def deploy(checkout: Checkout, *options: str) -> None:
    run_engine(checkout, "up", "--yes", "--skip-preview", *options)


def destroy(checkout: Checkout) -> None:
    run_engine(checkout, "destroy", "--yes", "--skip-preview")


def items(checkout: Checkout, kind: str) -> dict[str, dict[str, Any]]:
    listed = json.loads(checkout.control_plane.kubectl("get", kind, "--namespace=monitoring", "--output=json"))["items"]
    return {item["metadata"]["name"]: item for item in listed}


def identities(checkout: Checkout, kind: str) -> dict[str, str]:
    return {name: item["metadata"]["uid"] for name, item in items(checkout, kind).items()}


def capacities(checkout: Checkout) -> dict[str, str]:
    claims = items(checkout, "persistentvolumeclaims")
    return {name: claim["status"]["capacity"]["storage"] for name, claim in claims.items() if "prometheus" in name}


def wait_for_capacity(checkout: Checkout, size: str) -> None:
    deadline = time.monotonic() + TIMEOUT
    while set(capacities(checkout).values()) != {size}:
        assert time.monotonic() < deadline, capacities(checkout)
        time.sleep(0.2)


def updated(stack: automation.Stack) -> list[str]:
    """Deploy and return the types of all updated resources.

    Fails if anything else changes.
    """
    events: list[automation.EngineEvent] = []
    changes = stack.up(on_event=events.append).summary.resource_changes or {}
    assert {str(getattr(name, "value", name)) for name in changes} <= {"same", "update"}
    steps = [event.resource_pre_event.metadata for event in events if event.resource_pre_event]
    return sorted(step.type for step in steps if step.op == automation.OpType.UPDATE)


def preview_error(stack: automation.Stack) -> str:
    with pytest.raises(automation.CommandError) as error:
        stack.preview()
    return str(error.value)


def test_a_claim_is_expanded_without_a_restart(checkout: Checkout, stack: automation.Stack) -> None:
    kinds = ("persistentvolumeclaims", "statefulsets", "pods")
    before = {kind: identities(checkout, kind) for kind in kinds}
    write(checkout, {"size": "3Gi"})
    assert updated(stack) == [CLAIM, CLAIM, "kubernetes:monitoring.coreos.com/v1:Prometheus"]
    wait_for_capacity(checkout, "3Gi")
    assert {kind: identities(checkout, kind) for kind in kinds} == before


def test_changes_that_require_a_migration_are_rejected_with_a_link_to_the_procedure(
    checkout: Checkout, stack: automation.Stack
) -> None:
    write(checkout, {"size": "2Gi", "storageClass": "fast"})
    text = preview_error(stack)
    for found in (r'size +found "2Gi", but claim', r'storageClass +found "fast", but claim'):
        assert re.search(rf"prometheus\.storage\.{found}.*\(to replace it: docs/operations/volumes\.md\)", text), text


def test_the_error_names_a_class_without_volume_expansion(checkout: Checkout, stack: automation.Stack) -> None:
    write(checkout, {"size": "4Gi"})
    kubectl = checkout.control_plane.kubectl
    kubectl("patch", "storageclass", "kwok-volume", "--patch", '{"allowVolumeExpansion": false}')
    try:
        text = preview_error(stack)
        assert "class kwok-volume does not allow expansion; allowed: 3Gi, or allowVolumeExpansion: true" in text
    finally:
        kubectl("patch", "storageclass", "kwok-volume", "--patch", '{"allowVolumeExpansion": true}')


def test_setting_the_current_class_of_a_claim_changes_nothing(checkout: Checkout, stack: automation.Stack) -> None:
    write(checkout, {"size": "3Gi", "storageClass": "kwok-volume"})
    assert set(stack.preview(expect_no_changes=True).change_summary) == {automation.OpType.SAME}


def test_destroy_retains_the_claims_and_up_adopts_and_expands_them(checkout: Checkout, stack: automation.Stack) -> None:
    before = identities(checkout, "persistentvolumeclaims")
    assert len(before) == 6
    destroy(checkout)
    assert identities(checkout, "persistentvolumeclaims") == before
    # The login to the example database belongs to another owner; Grafana's volume depends on the other two.
    retained = {"example", "grafana-admin", "grafana-files"}
    assert set(identities(checkout, "statefulsets,pods,secrets,services")) == retained
    secrets = {name: items(checkout, "secrets")[name]["data"] for name in retained}
    write(checkout, {"size": "4Gi"})
    deploy(checkout)
    wait_for_capacity(checkout, "4Gi")
    assert identities(checkout, "persistentvolumeclaims") == before
    assert {name: items(checkout, "secrets")[name]["data"] for name in retained} == secrets
    assert set(stack.preview(expect_no_changes=True).change_summary) == {automation.OpType.SAME}


def test_fewer_replicas_retain_the_claim_of_the_removed_replica(checkout: Checkout, stack: automation.Stack) -> None:
    before = identities(checkout, "persistentvolumeclaims")
    path = checkout.folder / "Pulumi.local.yaml"
    content = path.read_text()
    path.write_text(content.replace("replicas: 3", "replicas: 2"))
    try:
        deploy(checkout)
        assert identities(checkout, "persistentvolumeclaims") == before
    finally:
        path.write_text(content)


def test_more_replicas_use_the_retained_claim_and_the_documented_procedure_for_smaller_volumes_creates_new_ones(
    checkout: Checkout, stack: automation.Stack
) -> None:
    before = identities(checkout, "persistentvolumeclaims")
    kubectl = checkout.control_plane.kubectl
    kubectl("delete", "prometheus", "--namespace=monitoring", "prometheus")
    kubectl("delete", "pvc", "--namespace=monitoring", "--selector=app.kubernetes.io/name=prometheus", "--timeout=30s")
    write(checkout, {"size": "1Gi"})
    deploy(checkout, "--refresh")
    wait_for_capacity(checkout, "1Gi")
    unchanged = {name for name, uid in identities(checkout, "persistentvolumeclaims").items() if before[name] == uid}
    assert unchanged == {name for name in before if not name.startswith("prometheus")}


def test_without_keep_data_destroy_deletes_the_claims(checkout: Checkout, stack: automation.Stack) -> None:
    write(checkout, {"size": "1Gi"}, keep_data=False)
    deploy(checkout)
    destroy(checkout)
    listed = checkout.control_plane.kubectl("get", "persistentvolumeclaims", "--all-namespaces", "--output=name")
    assert listed == ""
    # Both namespaces stay, and the one that existed before the stack loses the stack's locks.
    namespaces = json.loads(checkout.control_plane.kubectl("get", "namespaces", "--output=json"))["items"]
    left = {each["metadata"]["name"]: each["metadata"]["labels"] for each in namespaces}
    assert left["monitoring"] == {"kubernetes.io/metadata.name": "monitoring"}
    assert ownership_labels("local").items() <= left["monitoring-node-exporter"].items()
