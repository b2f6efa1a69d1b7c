"""Broken configurations: each is applied while a context lasts."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any, Final

from local.control_plane.lifecycle import ControlPlane
from tests.cluster.pods import delete_pods

NAMESPACE: Final = "--namespace=monitoring"


@contextlib.contextmanager
def wrong_port(control_plane: ControlPlane) -> Iterator[None]:
    """Set a nonexistent port in the ServiceMonitor of the Redis exporter."""
    target = ("servicemonitor", NAMESPACE, "redis-exporter-sessions")
    with _changed(control_plane, *target, path="/spec/endpoints/0/port", value="nowhere"):
        yield


@contextlib.contextmanager
def dropped_verb(control_plane: ControlPlane) -> Iterator[None]:
    """Remove `watch` from the first RBAC rule of kube-state-metrics."""
    try:
        with _changed(control_plane, "clusterrole", "kube-state-metrics", path="/rules/0/verbs", value=["list"]):
            _restart(control_plane, "kube-state-metrics")
            yield
    finally:
        _restart(control_plane, "kube-state-metrics")


@contextlib.contextmanager
def unknown_argument(control_plane: ControlPlane) -> Iterator[None]:
    """Start the Redis exporter with an unknown argument."""
    target = ("deployment", NAMESPACE, "redis-exporter-sessions")
    with _changed(control_plane, *target, path="/spec/template/spec/containers/0/args", value=["--no-such-argument"]):
        yield


@contextlib.contextmanager
def read_only_storage(control_plane: ControlPlane) -> Iterator[None]:
    """Mount the data volume of Prometheus read-only."""
    mount = {"name": "prometheus-prometheus-db", "mountPath": "/prometheus", "readOnly": True}
    value = [{"name": "prometheus", "volumeMounts": [mount]}]
    try:
        with _changed(control_plane, "prometheus", NAMESPACE, "prometheus", path="/spec/containers", value=value):
            yield
    finally:
        deadline = time.monotonic() + 60
        while _storage_is_read_only(control_plane) and time.monotonic() < deadline:
            time.sleep(1)
        # A StatefulSet does not replace a pod that never became ready.
        delete_pods(control_plane, "prometheus-prometheus-1")


@contextlib.contextmanager
def refused_expression(control_plane: ControlPlane) -> Iterator[None]:
    """Add a remote write with a regular expression that the operator accepts and Prometheus refuses."""
    drop = {"action": "drop", "sourceLabels": ["__name__"], "regex": "(?!up).*"}
    value = [{"url": "http://127.0.0.1:9/", "writeRelabelConfigs": [drop]}]
    with _changed(control_plane, "prometheus", NAMESPACE, "prometheus", path="/spec/remoteWrite", value=value):
        yield


def _storage_is_read_only(control_plane: ControlPlane) -> bool:
    found = json.loads(control_plane.kubectl("get", "statefulset", NAMESPACE, "prometheus-prometheus", "--output=json"))
    containers = found["spec"]["template"]["spec"]["containers"]
    mounts = [mount for container in containers for mount in container["volumeMounts"]]
    return any(mount["mountPath"] == "/prometheus" and mount.get("readOnly") for mount in mounts)


def _restart(control_plane: ControlPlane, deployment: str) -> None:
    control_plane.kubectl("rollout", "restart", "deployment", NAMESPACE, deployment)


@contextlib.contextmanager
def _changed(control_plane: ControlPlane, *target: str, path: str, value: object) -> Iterator[None]:
    """Set a value in an object and restore the previous one at the end."""
    found: Any = json.loads(control_plane.kubectl("get", *target, "--output=json"))
    for key in path.strip("/").split("/"):
        found = found[int(key)] if isinstance(found, list) else found.get(key)
    restore: dict[str, object] = (
        {"op": "remove", "path": path} if found is None else {"op": "replace", "path": path, "value": found}
    )
    _patch(control_plane, target, {"op": "add", "path": path, "value": value})
    try:
        yield
    finally:
        _patch(control_plane, target, restore)


def _patch(control_plane: ControlPlane, target: tuple[str, ...], change: dict[str, object]) -> None:
    control_plane.kubectl("patch", *target, "--type=json", f"--patch={json.dumps([change])}")
