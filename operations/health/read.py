"""Reading of a running stack with a kubeconfig alone: the API server, and its connections to pods."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar
from urllib.parse import quote

import yaml

from common import ports
from common.grafana import ALERTMANAGER_DATA_SOURCE, DASHBOARD_LABEL, PROMETHEUS_DATA_SOURCE
from common.labels import pod_labels
from operations.health.model import Answers, UnknownError
from operations.health.plan import HealthPlan
from operations.health.queries import queries
from operations.health.reading import AlertmanagerAnswer, GrafanaAnswer, Objects, PrometheusAnswer, Reading, Sample
from operations.health.service_monitors import MONITORS
from verification.cluster import ClusterError, ClusterReader
from verification.model import one_line
from verification.pods import is_simulated_node
from verification.stack_reader import StackReader

AnswerT = TypeVar("AnswerT")
Request = Callable[[str], str]

_PERMISSIONS: Final = "check network, login and the permissions in docs/operations/deploy.md#permissions"
_SHARD_LABEL: Final = "operator.prometheus.io/shard"
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})
_GRAFANA_LABELS: Final = {"app.kubernetes.io/name": "grafana"}
_WORKLOADS: Final = ("deployments", "statefulsets", "daemonsets")
# Paths behind Grafana's data sources that need them to work: a query, and the status.
_SOURCE_PATHS: Final = {PROMETHEUS_DATA_SOURCE: "api/v1/query?query=1", ALERTMANAGER_DATA_SOURCE: "api/v2/status"}
_REFUSED: Final = (401, 403)
# What a response in another form than expected raises, such as one of a proxy on the way.
_UNREADABLE: Final = (ClusterError, LookupError, TypeError, ValueError, yaml.YAMLError)


def read_stack(plan: HealthPlan, cluster: ClusterReader, threads: Executor) -> Reading:
    """Read everything that the checks need; a request that fails is a part of the result."""
    objects = _read_objects(plan, cluster, threads)
    pods = _PodReader(plan, cluster, threads, objects)
    prometheus, alertmanager = plan.cluster.prometheus, plan.cluster.alertmanager
    by_name = queries(plan)
    return Reading(
        at=datetime.now(UTC),
        objects=objects,
        prometheus=pods.answers(
            "Prometheus",
            pod_labels("prometheus", prometheus.name),
            prometheus.port,
            lambda pod, request: _read_prometheus(by_name, pod["metadata"]["labels"], request),
        ),
        alertmanager=pods.answers(
            "Alertmanager",
            pod_labels("alertmanager", alertmanager.name),
            alertmanager.port,
            lambda _, request: _read_alertmanager(request),
        ),
        grafana=pods.answers(
            "Grafana",
            _GRAFANA_LABELS,
            ports.GRAFANA,
            lambda _, request: _read_grafana(plan, request),
            _grafana_headers(plan, cluster),
        ),
    )


def _read_objects(plan: HealthPlan, cluster: ClusterReader, threads: Executor) -> Objects:
    stack = StackReader(plan.cluster, cluster)
    selector = ",".join(f"{key}={value}" for key, value in plan.cluster.selector.items())
    (board_label,) = (f"{key}={value}" for key, value in DASHBOARD_LABEL.items())

    def in_namespaces(path: str) -> Iterator[Any]:
        for namespace in plan.namespaces:
            yield from cluster.get(path.format(namespace))["items"]

    reads: dict[str, Callable[[], Any]] = {
        "pods": lambda: list(in_namespaces("/api/v1/namespaces/{}/pods")),
        "workloads": lambda: [
            {**each, "kind": kind}
            for kind in _WORKLOADS
            for each in in_namespaces(f"/apis/apps/v1/namespaces/{{}}/{kind}")
        ],
        "simulated_nodes": lambda: {
            each["metadata"]["name"] for each in cluster.list_metadata("/api/v1/nodes") if is_simulated_node(each)
        },
        "claims": lambda: stack.objects("persistentvolumeclaims"),
        "boards": lambda: stack.objects("configmaps", labelSelector=board_label),
        "monitors": lambda: [
            {**each, "kind": kind}
            for kind in MONITORS
            for each in cluster.get(f"/apis/monitoring.coreos.com/v1/{kind}", labelSelector=selector)["items"]
        ],
        "instances": lambda: {
            each.kind: stack.instance(each) for each in (plan.cluster.prometheus, plan.cluster.alertmanager)
        },
        "rule_files": stack.rule_files,
        "alertmanager_files": stack.alertmanager_files,
        "prometheus_configuration": stack.prometheus_configuration,
        "rejections": lambda: list(stack.rejections(list(stack.rule_files()), stack.alertmanager_files())),
    }
    return dict(zip(reads, threads.map(_result, reads.values()), strict=True))


def _result(read: Callable[[], Any]) -> Any:
    """Return the result, or why it could not be read."""
    try:
        return read()
    except _UNREADABLE as error:
        return _unreadable(error, _PERMISSIONS)


def _unreadable(error: Exception, action: str) -> UnknownError:
    return UnknownError(one_line(str(error)) or type(error).__name__, action)


class _PodReader:
    """Requests to the pods of a component; a simulated pod is never connected to."""

    def __init__(self, plan: HealthPlan, cluster: ClusterReader, threads: Executor, objects: Objects) -> None:
        self._plan, self._cluster, self._threads = plan, cluster, threads
        self._pods, self._simulated = objects["pods"], objects["simulated_nodes"]

    def answers(
        self,
        title: str,
        labels: Mapping[str, str],
        port: int,
        read: Callable[[Mapping[str, Any], Request], AnswerT],
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> Answers[AnswerT]:
        """Return the answers of the pods with these labels in the stack's namespace."""
        for each in (self._pods, self._simulated):
            if isinstance(each, UnknownError):
                return Answers(title=title, by_pod={}, missing={title: each})
        pods = {
            pod["metadata"]["name"]: pod
            for pod in self._pods
            if pod["metadata"]["namespace"] == self._plan.namespace
            and labels.items() <= pod["metadata"].get("labels", {}).items()
        }

        def answer(name: str) -> AnswerT | UnknownError:
            if pods[name]["spec"].get("nodeName") in self._simulated:
                return UnknownError(f"pods of {title} are simulated", "none: only a real node answers", simulated=True)
            try:
                with self._cluster.pod(self._plan.namespace, name, port, headers) as request:
                    return read(pods[name], request)
            except _UNREADABLE as error:
                return _unreadable(error, f"{self._plan.kubectl} describe pod {name}")

        found = dict(zip(pods, self._threads.map(answer, pods), strict=True))
        return Answers(
            title=title,
            by_pod={name: each for name, each in found.items() if not isinstance(each, UnknownError)},
            missing={name: each for name, each in found.items() if isinstance(each, UnknownError)},
        )


def _grafana_headers(plan: HealthPlan, cluster: ClusterReader) -> Mapping[str, str]:
    """Return the headers with the administrator's account; Grafana refuses those of an account that is not there."""
    if plan.grafana_account is None:
        return {}
    try:
        secret = cluster.get(f"/api/v1/namespaces/{plan.namespace}/secrets/{plan.grafana_account}") or {}
    except ClusterError:
        secret = {}
    values = [base64.b64decode(secret.get("data", {}).get(key, "")) for key in ("admin-user", "admin-password")]
    return {"Authorization": f"Basic {base64.b64encode(b':'.join(values)).decode()}"}


def _read_prometheus(by_name: Mapping[str, str], labels: Mapping[str, str], request: Request) -> PrometheusAnswer:
    def data(path: str) -> Any:
        return json.loads(request(f"/api/v1/{path}"))["data"]

    def samples(expression: str) -> list[Sample] | UnknownError:
        try:
            result = data(f"query?query={quote(expression)}")["result"]
        except _UNREADABLE as error:
            return _unreadable(error, "run the query in Prometheus and read its log")
        return [Sample(each["metric"], float(each["value"][1])) for each in result]

    return PrometheusAnswer(
        shard=labels.get(_SHARD_LABEL, "0"),
        groups=data("rules?exclude_alerts=true")["groups"],
        configuration=data("status/config")["yaml"],
        targets=data("targets?state=active")["activeTargets"],
        alertmanagers=len(data("alertmanagers")["activeAlertmanagers"]),
        metrics=request("/metrics"),
        samples={name: samples(expression) for name, expression in by_name.items()},
    )


def _read_alertmanager(request: Request) -> AlertmanagerAnswer:
    return AlertmanagerAnswer(
        status=json.loads(request("/api/v2/status")),
        silences=json.loads(request("/api/v2/silences")),
        metrics=request("/metrics"),
    )


def _read_grafana(plan: HealthPlan, request: Request) -> GrafanaAnswer:
    def signed_in(path: str) -> str | UnknownError:
        """Return the response to the administrator; raises ClusterError for any other failure."""
        try:
            return request(path)
        except ClusterError as error:
            if error.status not in _REFUSED:
                raise
            return UnknownError(
                f"Grafana refuses the account in Secret {plan.grafana_account}",
                "its password was changed in Grafana: update the Secret, or check by hand in Grafana",
            )

    def source(uid: str, path: str) -> str | UnknownError:
        try:
            response = signed_in(f"/api/datasources/proxy/uid/{uid}/{path}")
        except ClusterError as error:
            return one_line(str(error))
        return response if isinstance(response, UnknownError) else ""

    boards = signed_in("/api/search?type=dash-db&limit=5000")
    return GrafanaAnswer(
        database=json.loads(request("/api/health"))["database"],
        boards=boards if isinstance(boards, UnknownError) else frozenset(each["uid"] for each in json.loads(boards)),
        sources={uid: source(uid, path) for uid, path in _SOURCE_PATHS.items()},
    )
