"""Mistakes of a deployment, one at a time: each is made for as long as a context lasts."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any, Final

from local.control_plane.lifecycle import ControlPlane
from tests.cluster.pods import end_pods

NAMESPACE: Final = "--namespace=monitoring"


@contextlib.contextmanager
def wrong_port(control_plane: ControlPlane) -> Iterator[None]:
    """The ServiceMonitor of the Redis exporter names a port that its Service does not have."""
    what = ("servicemonitor", NAMESPACE, "redis-exporter-sessions")
    with _changed(control_plane, *what, path="/spec/endpoints/0/port", value="nowhere"):
        yield


@contextlib.contextmanager
def dropped_verb(control_plane: ControlPlane) -> Iterator[None]:
    """kube-state-metrics may list what its first rule names, and no longer watch it."""
    try:
        with _changed(control_plane, "clusterrole", "kube-state-metrics", path="/rules/0/verbs", value=["list"]):
            _restart(control_plane, "kube-state-metrics")
            yield
    finally:
        _restart(control_plane, "kube-state-metrics")


@contextlib.contextmanager
def unknown_argument(control_plane: ControlPlane) -> Iterator[None]:
    """The Redis exporter is given an argument that it does not know."""
    what = ("deployment", NAMESPACE, "redis-exporter-sessions")
    with _changed(control_plane, *what, path="/spec/template/spec/containers/0/args", value=["--no-such-argument"]):
        yield


@contextlib.contextmanager
def read_only_storage(control_plane: ControlPlane) -> Iterator[None]:
    """A Prometheus may not write where its data are."""
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
        end_pods(control_plane, "prometheus-prometheus-1")


def _storage_is_read_only(control_plane: ControlPlane) -> bool:
    found = json.loads(control_plane.kubectl("get", "statefulset", NAMESPACE, "prometheus-prometheus", "--output=json"))
    containers = found["spec"]["template"]["spec"]["containers"]
    mounts = [mount for container in containers for mount in container["volumeMounts"]]
    return any(mount["mountPath"] == "/prometheus" and mount.get("readOnly") for mount in mounts)


def _restart(control_plane: ControlPlane, deployment: str) -> None:
    control_plane.kubectl("rollout", "restart", "deployment", NAMESPACE, deployment)


@contextlib.contextmanager
def _changed(control_plane: ControlPlane, *what: str, path: str, value: object) -> Iterator[None]:
    """A value of an object is another one, or is there at all."""
    found: Any = json.loads(control_plane.kubectl("get", *what, "--output=json"))
    for key in path.strip("/").split("/"):
        found = found[int(key)] if isinstance(found, list) else found.get(key)
    back: dict[str, object] = (
        {"op": "remove", "path": path} if found is None else {"op": "replace", "path": path, "value": found}
    )
    _patch(control_plane, what, {"op": "add", "path": path, "value": value})
    try:
        yield
    finally:
        _patch(control_plane, what, back)


def _patch(control_plane: ControlPlane, what: tuple[str, ...], change: dict[str, object]) -> None:
    control_plane.kubectl("patch", *what, "--type=json", f"--patch={json.dumps([change])}")
