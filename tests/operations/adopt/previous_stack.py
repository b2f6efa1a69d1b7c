"""A kube-prometheus-stack with its default values, beside objects of users, as the API server returns them."""

from __future__ import annotations

import base64
import contextlib
import copy
import functools
import gzip
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import yaml

from operations.health.plan import HealthPlan, health_plan
from preflight.plan import check_settings
from settings.stack import StackSettings
from tools.mocked_program import configuration
from verification.cluster import ClusterError

NAMESPACE: Final = "old"
RELEASE: Final = "kps"
NAME: Final = "kps-kube-prometheus-stack"
OF_RELEASE: Final[Mapping[str, Any]] = {
    "annotations": {"meta.helm.sh/release-name": RELEASE, "meta.helm.sh/release-namespace": NAMESPACE},
    "labels": {"release": RELEASE, "chart": "kube-prometheus-stack-88.5.3", "heritage": "Helm"},
}
SELECTED: Final = {"matchLabels": {"release": RELEASE}}
KINDS: Final = ("rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig")
SOURCE: Final = {
    "name": f"{NAME}-prometheus",
    "url": f"http://{NAME}-prometheus.{NAMESPACE}.svc:9090/api/v1/read",
    "requiredMatchers": {"prometheus": f"{NAMESPACE}/{NAME}-prometheus"},
}
# An address of a receiver may contain a credential.
CREDENTIAL: Final = "hushhush"
_CRDS: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_GROUP: Final = "/apis/monitoring.coreos.com"


@functools.cache
def _checked(*, with_source: bool) -> tuple[HealthPlan, StackSettings]:
    raw = configuration("prod", "upstream")
    prometheus: Any = raw.values["prometheus"]
    changed = {**raw.values, "prometheus": {**prometheus, "remoteRead": [SOURCE] if with_source else []}}
    checked = check_settings(replace(raw, values=changed))
    assert checked.settings is not None
    return health_plan("prod", checked), checked.settings


def plan() -> HealthPlan:
    """Return the plan of stack `prod`."""
    return _checked(with_source=True)[0]


def settings(*, with_source: bool = True) -> StackSettings:
    """Return the settings of stack `prod`, with or without the previous Prometheus as a source of older samples."""
    return _checked(with_source=with_source)[1]


def item(kind: str, name: str, spec: Mapping[str, Any], namespace: str = NAMESPACE, **metadata: Any) -> dict[str, Any]:
    """Return an object."""
    return {"kind": kind, "metadata": {"name": name, "namespace": namespace, **metadata}, "spec": dict(spec)}


def rule(name: str, namespace: str, *alerts: Mapping[str, Any], **metadata: Any) -> dict[str, Any]:
    """Return a PrometheusRule with these alerts."""
    rules = [{"expr": "vector(1)", **each} for each in alerts]
    return item("PrometheusRule", name, {"groups": [{"name": name, "rules": rules}]}, namespace, **metadata)


def alert(name: str, severity: str, runbook: str = "") -> dict[str, Any]:
    """Return an alerting rule."""
    return {"alert": name, "labels": {"severity": severity}, "annotations": {"runbook_url": runbook} if runbook else {}}


def chart_alert(name: str) -> dict[str, Any]:
    """Return an alerting rule of the chart, which has a runbook of its name."""
    return alert(name, "warning", f"https://runbooks.example/general/{name.lower()}")


def _objects() -> dict[str, list[dict[str, Any]]]:
    selectors = {f"{kind}Selector": SELECTED for kind in KINDS} | {f"{kind}NamespaceSelector": {} for kind in KINDS}
    alertmanager_spec = {"replicas": 1, "alertmanagerConfigSelector": {}, "alertmanagerConfigNamespaceSelector": {}}
    prometheus_spec = {"replicas": 1, "retention": "10d", "routePrefix": "/", **selectors}
    secret = {"apiVersion": "v1", "metadata": {"name": "x"}}
    pods = {"app.kubernetes.io/name": "prometheus", "operator.prometheus.io/name": f"{NAME}-prometheus"}
    ports = [{"name": "http-web", "port": 9090, "targetPort": 9090}, {"name": "reloader-web", "port": 8080}]
    users = {"labels": {"release": RELEASE}}
    return {
        f"{_GROUP}/v1/prometheuses": [item("Prometheus", f"{NAME}-prometheus", prometheus_spec, **OF_RELEASE)],
        f"{_GROUP}/v1/alertmanagers": [item("Alertmanager", f"{NAME}-alertmanager", alertmanager_spec, **OF_RELEASE)],
        f"{_GROUP}/v1/prometheusrules": [
            rule("kps-general", NAMESPACE, chart_alert("Watchdog"), chart_alert("TargetDown"), **OF_RELEASE),
            rule("orders", "shop", alert("OrdersStuck", "warning"), **users),
        ],
        f"{_GROUP}/v1/servicemonitors": [
            item("ServiceMonitor", "kps-kubelet", {"endpoints": [{}]}, **OF_RELEASE),
            item("ServiceMonitor", "orders", {"endpoints": [{}]}, "shop", **users),
        ],
        f"{_GROUP}/v1/podmonitors": [],
        f"{_GROUP}/v1/probes": [],
        f"{_GROUP}/v1alpha1/scrapeconfigs": [],
        f"{_GROUP}/v1alpha1/alertmanagerconfigs": [],
        "/api/v1/namespaces": [item("Namespace", name, {}) for name in (NAMESPACE, "shop", "monitoring")],
        "/api/v1/configmaps?labelSelector=grafana_dashboard": [
            item("ConfigMap", "kps-nodes", {}, **OF_RELEASE),
            item("ConfigMap", "orders-board", {}, "shop", labels={"grafana_dashboard": "1"}),
        ],
        "/api/v1/configmaps?labelSelector=grafana_datasource": [item("ConfigMap", "kps-source", {}, **OF_RELEASE)],
        _CRDS: [item("CustomResourceDefinition", "prometheuses.monitoring.coreos.com", {})],
        f"/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims": [],
        f"/api/v1/namespaces/{NAMESPACE}/services": [
            item("Service", "prometheus-operated", {"clusterIP": "None", "selector": pods, "ports": ports}),
            item("Service", f"{NAME}-prometheus", {"clusterIP": "10.0.0.9", "selector": pods, "ports": ports}),
        ],
        "secrets": [secret],
    }


class PreviousCluster:
    """A stand-in for the API server; a test changes `objects`, its lists by path, and `addresses`, ports by pod.

    Every instance has one pod, named after its resource, on the node `node-1`.
    """

    def __init__(self) -> None:
        self.objects = copy.deepcopy(_objects())
        self.configuration: dict[str, Any] = {
            "route": {"receiver": "null"},
            "receivers": [
                {"name": "null"},
                {"name": "pager", "pagerduty_configs": [{"routing_key": CREDENTIAL}]},
            ],
        }
        self.addresses: dict[str, int] = {}
        self.refused: set[str] = set()
        self.simulated = False

    def rules(self, *items: dict[str, Any]) -> None:
        """Replace the PrometheusRules of users."""
        path = f"{_GROUP}/v1/prometheusrules"
        self.objects[path] = [self.objects[path][0], *items]

    def add(self, path: str, *items: dict[str, Any]) -> None:
        """Add objects of the operator's API, such as `v1/probes`."""
        self.objects[f"{_GROUP}/{path}"] += items

    def get(self, path: str, **parameters: str) -> Any:
        """Return the objects at a path; None if there are none."""
        if path in self.refused:
            raise ClusterError(f"GET {path}: forbidden", 403)
        if path.endswith("-generated"):
            data = base64.b64encode(gzip.compress(yaml.safe_dump(self.configuration).encode())).decode()
            return {"data": {"alertmanager.yaml.gz": data}}
        if path == "/api/v1/nodes/node-1":
            annotations = {"kwok.x-k8s.io/node": "fake"} if self.simulated else {}
            return {"metadata": {"name": "node-1", "annotations": annotations}}
        if path.endswith("/pods"):
            name = parameters["labelSelector"].rpartition("=")[2]
            return {"items": [{"metadata": {"name": name}, "spec": {"nodeName": "node-1"}}]}
        for kind in ("prometheuses", "alertmanagers"):
            if path.startswith(f"{_GROUP}/v1/namespaces/monitoring/{kind}/"):
                name = path.rpartition("/")[2]
                return item("X", name, {}, "monitoring") if name in self.addresses else None
        return {"items": self.objects[path]} if path in self.objects else None

    def list_metadata(self, path: str) -> list[Any]:
        """Return the objects at a path."""
        if path in self.refused:
            raise ClusterError(f"GET {path}: forbidden", 403)
        return self.objects[path]

    @contextlib.contextmanager
    def forwarded_port(self, namespace: str, name: str, port: int) -> Iterator[int]:
        """Yield the port of the process that a test runs as this pod."""
        if name not in self.addresses:
            raise ClusterError(f"kubectl port-forward pod/{name}: no such process")
        yield self.addresses[name]
