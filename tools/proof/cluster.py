"""The stack on an embedded control plane, with BAIS and failing objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import yaml

from tools.checkout import Checkout
from tools.tenant_objects import bais_objects

OBJECTS: Final = Path(__file__).with_name("objects.yaml")
# Pod status as the kubelet reports it for a container that is repeatedly killed for lack of memory.
CRASHING: Final = {
    "conditions": [{"type": "Ready", "status": "False"}],
    "containerStatuses": [
        {
            "name": "crashing",
            "image": "crashing:1.0.0",
            "imageID": "",
            "ready": False,
            "restartCount": 3,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
        }
    ],
}


def deploy(checkout: Checkout, charts: Path | None) -> None:
    """Start the control plane.

    Deploy the stack `local`, the BAIS services and a probe of the API server.
    """
    assert checkout.run("cluster").returncode == 0
    address = f"https://127.0.0.1:{checkout.control_plane.ports['kube-apiserver']}/healthz"
    with checkout.edit_settings() as settings:
        del settings["monitoring:services"]  # use the default services
        settings["monitoring:probes"] = {"http": [{"name": "example", "url": address, "service": "example"}]}
    result = checkout.run("up", *(["--charts", str(charts)] if charts else []))
    assert result.returncode == 0, result.stdout
    kubectl = checkout.control_plane.kubectl
    kubectl("apply", "--filename=-", text=yaml.safe_dump_all(bais_objects()))
    kubectl("apply", f"--filename={OBJECTS}")
    # The Job of a CronJob that succeeded once, and a node that an autoscaler removes.
    kubectl("create", "job", "nightly-1", "--from=cronjob/nightly", "--namespace=bais")
    times = json.dumps({"status": dict.fromkeys(("lastScheduleTime", "lastSuccessfulTime"), "2026-01-01T03:00:00Z")})
    kubectl(
        "patch", "cronjob", "nightly", "--namespace=bais", "--subresource=status", "--type=merge", f"--patch={times}"
    )
    kubectl("taint", "nodes", "--all", "ToBeDeletedByClusterAutoscaler=now:PreferNoSchedule")
    patch = json.dumps({"status": CRASHING})
    kubectl(
        "patch", "pod", "crashing", "--namespace=bais", "--subresource=status", "--type=strategic", f"--patch={patch}"
    )


def arguments(checkout: Checkout, kind: str, name: str, container: str | None = None) -> list[str]:
    """Return the arguments of a container, by default the first of the workload."""
    return [str(word) for word in _container(checkout, kind, name, container).get("args", [])]


def blackbox_configuration(checkout: Checkout) -> dict[str, Any]:
    """Return the deployed configuration of the blackbox exporter."""
    config_maps = json.loads(
        checkout.control_plane.kubectl("get", "configmaps", "--namespace=monitoring", "--output=json")
    )
    (text,) = (
        item["data"]["blackbox.yaml"] for item in config_maps["items"] if "blackbox.yaml" in item.get("data", {})
    )
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def _container(checkout: Checkout, kind: str, name: str, container: str | None) -> dict[str, Any]:
    workloads = json.loads(checkout.control_plane.kubectl("get", kind, "--all-namespaces", "--output=json"))["items"]
    (workload,) = (item for item in workloads if item["metadata"]["name"] == name)
    containers = workload["spec"]["template"]["spec"]["containers"]
    found: dict[str, Any] = next(one for one in containers if container in (None, one["name"]))
    return found
