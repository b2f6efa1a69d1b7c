"""Reading of a stack; API server, pods and Grafana are stand-ins with the responses that the real ones document."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from operations.health.checklist import evaluate
from operations.health.model import State, UnknownError
from operations.health.read import read_stack
from operations.health.reading import Reading
from tests.operations.health.healthy_stack import plan
from verification.cluster import ClusterError

ACCOUNT = {"data": {"admin-user": base64.b64encode(b"admin"), "admin-password": base64.b64encode(b"pa:ss")}}
AUTHORIZATION = f"Basic {base64.b64encode(b'admin:pa:ss').decode()}"
PODS = {
    "prometheus-prometheus-0": {"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/instance": "prometheus"},
    "alertmanager-alertmanager-0": {
        "app.kubernetes.io/name": "alertmanager",
        "app.kubernetes.io/instance": "alertmanager",
    },
    "grafana-1": {"app.kubernetes.io/name": "grafana"},
}
RESPONSES = {
    "/api/v1/rules": {"data": {"groups": []}},
    "/api/v1/status/config": {"data": {"yaml": "scrape_configs: []"}},
    "/api/v1/targets": {"data": {"activeTargets": []}},
    "/api/v1/alertmanagers": {"data": {"activeAlertmanagers": [{}, {}]}},
    "/api/v1/query": {"data": {"result": [{"metric": {"job": "x"}, "value": [0, "7.5"]}]}},
    "/metrics": "x 1",
    "/api/v2/status": {"cluster": {"peers": []}},
    "/api/v2/silences": [],
    "/api/health": {"database": "ok"},
    "/api/search": [{"uid": "bais-api"}],
    "/api/datasources/proxy/uid/prometheus/api/v1/query": {"status": "success"},
    "/api/datasources/proxy/uid/alertmanager/api/v2/status": {},
}


class Cluster:
    """A cluster with one pod of each component; `failing` are paths with the status of their response."""

    def __init__(self) -> None:
        self.failing: dict[str, int] = {}
        self.simulated: list[str] = []
        self.connected: set[str] = set()
        self.queries: list[str] = []

    def get(self, path: str, **parameters: str) -> Any:
        if path in self.failing:
            raise ClusterError(f"GET {path}: forbidden", self.failing[path])
        if path.endswith("/pods"):
            items = [] if "node-exporter" in path else [self._pod(name, labels) for name, labels in PODS.items()]
            return {"items": items}
        if path.endswith("/secrets/grafana-admin"):
            return ACCOUNT
        if path.endswith("/servicemonitors"):
            return {"items": [{"kind": "ServiceMonitor", "metadata": {"namespace": "search", "name": "x"}, "spec": {}}]}
        return None if "/secrets/" in path else {"items": []}

    def list_metadata(self, path: str) -> list[Any]:
        if path in self.failing:
            raise ClusterError(f"GET {path}: forbidden", self.failing[path])
        annotations = {"kwok.x-k8s.io/node": "fake"}
        return [{"metadata": {"name": name, "annotations": annotations}} for name in self.simulated]

    @contextlib.contextmanager
    def pod(self, namespace: str, name: str, port: int, headers: Mapping[str, str]) -> Iterator[Callable[[str], str]]:
        self.connected.add(name)

        def request(text: str) -> str:
            path = urlsplit(text).path
            self.queries += parse_qs(urlsplit(text).query).get("query", [])
            if "datasources" in path or path == "/api/search":
                assert headers == {"Authorization": AUTHORIZATION}
            if path in self.failing:
                raise ClusterError(f"pod {name} answered {path} with status {self.failing[path]}", self.failing[path])
            found = RESPONSES[path]
            return found if isinstance(found, str) else json.dumps(found)

        yield request

    def _pod(self, name: str, labels: Mapping[str, str]) -> dict[str, Any]:
        return {
            "metadata": {"name": name, "namespace": "monitoring", "labels": labels},
            "spec": {"nodeName": "node-1", "containers": []},
        }


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def read(cluster: Any) -> Reading:
    with ThreadPoolExecutor(4) as threads:
        return read_stack(plan(), cluster, threads)


def test_every_pod_is_asked_and_its_answer_is_parsed(cluster: Cluster) -> None:
    reading = read(cluster)
    assert cluster.connected == set(PODS)
    (prometheus,) = reading.prometheus.all()
    assert (prometheus.alertmanagers, prometheus.samples["memory"]) == (2, reading.samples("memory"))
    assert reading.highest("memory", "job") == {"x": 7.5}
    (grafana,) = reading.grafana.all()
    assert (grafana.boards, grafana.sources) == (frozenset({"bais-api"}), {"prometheus": "", "alertmanager": ""})


def test_the_kind_of_an_object_is_its_plural_in_the_api(cluster: Cluster) -> None:
    assert [each["kind"] for each in read(cluster).object("monitors")] == ["servicemonitors"]


def test_a_pod_on_a_simulated_node_is_never_connected_to(cluster: Cluster) -> None:
    cluster.simulated = ["node-1"]
    reading = read(cluster)
    assert cluster.connected == set()
    with pytest.raises(UnknownError, match="pods of Prometheus are simulated") as raised:
        reading.samples("memory")
    assert raised.value.simulated


def test_without_the_list_of_nodes_no_pod_is_connected_to(cluster: Cluster) -> None:
    cluster.failing = {"/api/v1/nodes": 403}
    reading = read(cluster)
    assert cluster.connected == set()
    with pytest.raises(UnknownError, match="GET /api/v1/nodes: forbidden"):
        reading.grafana.all()


@pytest.mark.parametrize("path", ["/api/v1/namespaces/monitoring/pods", "/api/v1/events", "/api/v1/query", "/metrics"])
def test_a_refused_request_is_unknown_and_ends_nothing(cluster: Cluster, path: str) -> None:
    cluster.failing = {path: 403}
    states = {check.result.state for check in evaluate(plan(), read(cluster))}
    assert State.UNKNOWN in states


def test_a_data_source_that_fails_is_an_error_and_a_refused_password_is_unknown(cluster: Cluster) -> None:
    cluster.failing = {"/api/datasources/proxy/uid/prometheus/api/v1/query": 502}
    (grafana,) = read(cluster).grafana.all()
    assert "with status 502" in str(grafana.sources["prometheus"])
    cluster.failing = dict.fromkeys(["/api/search", "/api/datasources/proxy/uid/prometheus/api/v1/query"], 401)
    (grafana,) = read(cluster).grafana.all()
    for found in (grafana.boards, grafana.sources["prometheus"]):
        assert isinstance(found, UnknownError)
        assert found.reason == "Grafana refuses the account in Secret grafana-admin"


def test_the_password_is_in_no_reading(cluster: Cluster) -> None:
    assert "pa:ss" not in repr(read(cluster))
    assert AUTHORIZATION not in repr(read(cluster))
