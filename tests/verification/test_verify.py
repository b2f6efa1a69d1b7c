"""How long a deviation is waited for, and which pods are connected to; the cluster is a stand-in."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.labels import SPECIFICATION_ANNOTATION
from verification.cluster import ClusterError, cluster_reader
from verification.model import DEADLINE_SECONDS, ClusterPlan, Instance
from verification.verify import VerificationError, verify

UID = "591216be-5bc3-44ff-95bb-7eb179939284"
RULES: dict[str, Any] = {"groups": [{"name": "g", "rules": [{"record": "a:b", "expr": "up"}]}]}
PLAN = ClusterPlan(
    context=None,
    namespace="monitoring",
    prometheus=Instance(kind="Prometheus", name="prometheus", pods=1, port=9090),
    alertmanager=Instance(kind="Alertmanager", name="alertmanager", pods=1, port=9093),
    rules={"alerts-api": RULES},
    configuration={"route": {"receiver": "unrouted", "routes": []}, "receivers": [{"name": "unrouted"}]},
    templates={},
    selector={"monitoring/stack": "bais"},
    route_namespaces=frozenset({"monitoring", "search"}),
)


def instance() -> dict[str, Any]:
    conditions = [
        {"type": name, "status": "True", "observedGeneration": 1, "reason": "", "message": ""}
        for name in ("Available", "Reconciled")
    ]
    return {
        "metadata": {"generation": 1, "uid": UID, "annotations": {SPECIFICATION_ANNOTATION: "x"}},
        "status": {"conditions": conditions, "updatedReplicas": 1, "availableReplicas": 1},
    }


class Cluster:
    """A cluster that runs the plan in simulated pods; `at` changes it at a time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.at: dict[float, Callable[[], object]] = {}
        self.log = ""
        self.node: dict[str, Any] = {"metadata": {"annotations": {"kwok.x-k8s.io/node": "fake"}}}
        self.prometheus, self.alertmanager = instance(), instance()
        self.files = {f"monitoring-alerts-api-{UID}.yaml": yaml.safe_dump(RULES)}
        self.routes: list[dict[str, Any]] = []
        self.connected: list[str] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        for time in sorted(self.at):
            if time <= self.now:
                self.at.pop(time)()

    def get(self, path: str, **parameters: str) -> Any:
        resource = path.rpartition("/")[2]
        if path.startswith("/api/v1/nodes/"):
            return self.node
        if resource == "pods":
            name = "prometheus" if "prometheus" in parameters["labelSelector"] else "alertmanager"
            pod = {"metadata": {"name": f"{name}-0", "labels": {}}, "spec": {"nodeName": "n"}, "status": {}}
            return {"items": [pod]}
        configuration = gzip.compress(yaml.safe_dump(dict(PLAN.configuration)).encode())
        stateful_set = {"metadata": {"annotations": {SPECIFICATION_ANNOTATION: "x"}, "ownerReferences": [{"uid": UID}]}}
        return {
            "prometheus": self.prometheus,
            "alertmanager": self.alertmanager,
            "configmaps": {"items": [{"data": self.files}]},
            "statefulsets": {"items": [stateful_set]},
            "events": {"items": []},
            "alertmanagerconfigs": {"items": self.routes},
            "prometheus-prometheus": None,
            "alertmanager-alertmanager-generated": {
                "data": {"alertmanager.yaml.gz": base64.b64encode(configuration).decode()}
            },
        }[resource]

    def get_text(self, path: str, **parameters: str) -> str:
        return self.log

    @contextlib.contextmanager
    def pod(self, namespace: str, name: str, port: int) -> Iterator[Callable[[str], str]]:
        self.connected.append(name)
        raise ClusterError("kubectl port-forward: forbidden")
        yield

    def reject(self) -> None:
        self.prometheus["status"]["conditions"][1] |= {"status": "False", "reason": "Failed", "message": "why"}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    found = Cluster()

    @contextlib.contextmanager
    def reader(context: str | None) -> Iterator[Cluster]:
        yield found

    monkeypatch.setattr("verification.verify.cluster_reader", reader)
    monkeypatch.setattr("verification.verify.time.sleep", found.sleep)
    monkeypatch.setattr("verification.verify.time.monotonic", lambda: found.now)
    return found


def test_a_cluster_that_runs_the_plan_is_verified_at_once_without_connections_to_simulated_pods(
    cluster: Cluster,
) -> None:
    result = verify(PLAN)
    assert (cluster.now, cluster.connected) == (0, [])
    (note,) = result.notes
    assert note.endswith("accepted by the operator; not verified in simulated pods: prometheus-0, alertmanager-0")


def test_a_route_in_a_namespace_whose_secrets_the_operator_may_not_read_is_a_warning(cluster: Cluster) -> None:
    cluster.routes = [{"metadata": {"namespace": name, "name": "slack"}} for name in ("monitoring", "search", "orders")]
    (warning,) = verify(PLAN).warnings
    assert warning == (
        "AlertmanagerConfig orders/slack of another team is without effect: "
        "operator.secretNamespaces does not list its namespace"
    )
    served_by_others = dataclasses.replace(PLAN, route_namespaces=None)
    assert verify(served_by_others).warnings == ()


def test_a_deviation_that_disappears_is_waited_for_and_reported_once(cluster: Cluster) -> None:
    files, cluster.files = cluster.files, {}
    cluster.at = {60: lambda: setattr(cluster, "files", files)}
    reported: list[str] = []
    verify(PLAN, reported.append)
    assert cluster.now == 60
    assert len(reported) == 1


def test_a_rejection_fails_within_seconds_and_a_short_one_is_ignored(cluster: Cluster) -> None:
    corrected = cluster.prometheus["status"]["conditions"][1].copy()
    cluster.reject()
    cluster.files.clear()
    cluster.at = {
        4: lambda: cluster.prometheus["status"]["conditions"][1].update(corrected),
        8: cluster.reject,
    }
    with pytest.raises(VerificationError) as raised:
        verify(PLAN)
    assert cluster.now == 18
    assert str(raised.value).splitlines()[:2] == [
        "the cluster does not run what was deployed, 1 problem:",
        "  Prometheus monitoring/prometheus: Reconciled is False: Failed: why",
    ]


def test_all_deviations_are_listed_after_the_deadline(cluster: Cluster) -> None:
    cluster.prometheus["status"]["availableReplicas"] = 0
    cluster.alertmanager["status"]["availableReplicas"] = 0
    with pytest.raises(VerificationError, match="2 problems"):
        verify(PLAN)
    assert cluster.now == DEADLINE_SECONDS


def test_real_pods_are_connected_to_and_a_refused_connection_is_an_error(cluster: Cluster) -> None:
    cluster.node = {"metadata": {}}
    with pytest.raises(VerificationError, match="pod prometheus-0: kubectl port-forward: forbidden"):
        verify(PLAN)
    assert set(cluster.connected) == {"prometheus-0", "alertmanager-0"}


def test_a_container_that_crashes_is_reported_with_the_error_in_its_log(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = {"name": "prometheus", "ready": False, "restartCount": 3, "state": {"running": {}}}
    get = cluster.get

    def crashing(path: str, **parameters: str) -> Any:
        found = get(path, **parameters)
        for item in found.get("items", ()):
            item["status"] = {"containerStatuses": [status]}
        return found

    monkeypatch.setattr(cluster, "get", crashing)
    cluster.log = 'level=ERROR msg="Error loading config" err="not RE2"\n'
    with pytest.raises(
        VerificationError, match="container prometheus does not start: it stops again and again: not RE2"
    ):
        verify(PLAN)


def test_an_unexpected_response_is_an_error_in_one_line(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "get", lambda path, **parameters: {})
    with pytest.raises(VerificationError, match="1 problem:\n  the cluster could not be read: 'items'\n"):
        verify(PLAN)


def test_a_missing_kubectl_is_an_error_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VerificationError, match=r"could not be read: kubectl proxy: .*kubectl.* not found\nsee docs"):
        verify(PLAN)


def test_kubectl_ends_with_the_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A stand-in for kubectl that runs until it is ended."""
    program = tmp_path / "kubectl"
    program.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\necho Starting to serve\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with cluster_reader("context"):
        pid = int((tmp_path / "pid").read_text())
        assert Path(f"/proc/{pid}").exists()
    assert not Path(f"/proc/{pid}").exists()
