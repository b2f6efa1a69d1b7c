"""A stack deployed into a new cluster with the volumes and Secrets of the old one, on the real engine.

Nodes and pods are simulated; API server, controllers, operator, Helm and engine are real. The volumes are empty: what
is tested is that the documented steps bind them and that their Secrets keep their values.
"""

from __future__ import annotations

import base64
import json
from typing import Any, Final

import pytest
import yaml

from common.labels import ownership_labels
from tools.checkout import Checkout

SECRETS: Final = {"grafana-admin": "admin-password", "grafana-files": "secret-key"}
OLD_VALUE: Final = "ofTheOldCluster"
# Claim of each StatefulSet's first replica, and of Grafana, with the size in the settings of stack `local`.
CLAIMS: Final = {
    "prometheus-prometheus-db-prometheus-prometheus-0": "2Gi",
    "alertmanager-alertmanager-db-alertmanager-alertmanager-0": "256Mi",
    "grafana": "5Gi",
}


def listed(checkout: Checkout, kind: str, *names: str) -> dict[str, Any]:
    text = checkout.control_plane.kubectl("get", kind, *names, "--namespace=monitoring", "--output=json")
    return {each["metadata"]["name"]: each for each in json.loads(text)["items"]}


def restored_objects() -> list[dict[str, Any]]:
    """Return the objects that `docs/operations/recovery.md` has its reader create in a new cluster."""
    place = {"namespace": "monitoring"}
    found: list[dict[str, Any]] = [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": "monitoring", "labels": ownership_labels("local")},
        }
    ]
    for name, size in CLAIMS.items():
        volume = {
            "capacity": {"storage": size},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "local-path",
            "claimRef": {"namespace": "monitoring", "name": name},
            "hostPath": {"path": f"/var/lib/old/{name}"},
        }
        claim = {
            "volumeName": f"old-{name}",
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "local-path",
            "resources": {"requests": {"storage": size}},
        }
        found += [
            {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": f"old-{name}"}, "spec": volume},
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, **place}, "spec": claim},
        ]
    for name, key in SECRETS.items():
        value = base64.b64encode(OLD_VALUE.encode()).decode()
        found.append({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, **place}, "data": {key: value}})
    return found


@pytest.fixture(scope="module")
def before(checkout: Checkout) -> dict[str, Any]:
    """Claims of the new cluster before the first `up`."""
    small = {"enabled": False}
    checkout.replace_settings(
        nodeExporter=small,
        kubeStateMetrics=small,
        blackboxExporter=small,
        probes={},
        prometheus={"replicas": 1, "storage": {"size": "2Gi"}},
        alertmanager={"replicas": 1, "storage": {"size": "256Mi"}},
    )
    assert checkout.run("cluster").returncode == 0
    checkout.control_plane.kubectl("create", "--filename=-", text=yaml.safe_dump_all(restored_objects()))
    claims = listed(checkout, "persistentvolumeclaims")
    assert set(claims) == set(CLAIMS)
    result = checkout.run("up")
    assert result.returncode == 0, result.stdout
    return claims


def test_the_claims_keep_the_volumes_of_the_old_cluster(checkout: Checkout, before: dict[str, Any]) -> None:
    after = listed(checkout, "persistentvolumeclaims")
    assert {name: each["metadata"]["uid"] for name, each in after.items()} == {
        name: each["metadata"]["uid"] for name, each in before.items()
    }
    assert {name: (each["spec"]["volumeName"], each["status"]["phase"]) for name, each in after.items()} == {
        name: (f"old-{name}", "Bound") for name in CLAIMS
    }


def test_grafana_keeps_the_password_and_key_that_its_volume_depends_on(
    checkout: Checkout, before: dict[str, Any]
) -> None:
    found = {name: each["data"][SECRETS[name]] for name, each in listed(checkout, "secrets", *SECRETS).items()}
    assert found == dict.fromkeys(SECRETS, base64.b64encode(OLD_VALUE.encode()).decode())
