"""What is read of a healthy stack `prod`: responses of the API server and of its pods, which a test changes."""

from __future__ import annotations

import copy
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import yaml

from common.durations import parse_duration
from common.labels import SPECIFICATION_ANNOTATION
from operations.health.model import Answers, UnknownError
from operations.health.plan import HealthPlan, health_plan
from operations.health.reading import AlertmanagerAnswer, GrafanaAnswer, PrometheusAnswer, Reading, Sample
from preflight.plan import check_settings
from tools.mocked_program import configuration
from verification.model import Instance

NOW: Final = datetime(2026, 11, 29, 3, tzinfo=UTC)
UID: Final = "591216be-5bc3-44ff-95bb-7eb179939284"
GIBIBYTE: Final = 1024**3
PROMETHEUS: Final = ("prometheus-prometheus-0", "prometheus-prometheus-1")
ALERTMANAGER: Final = ("alertmanager-alertmanager-0", "alertmanager-alertmanager-1", "alertmanager-alertmanager-2")
OWN_JOBS: Final = ("alertmanager", "apiserver", "kubelet", "prometheus", "prometheus-operator")
CONFIGURATION: Final = yaml.safe_dump(
    {
        "global": {"scrape_interval": "30s"},
        "scrape_configs": [
            {"job_name": "serviceMonitor/monitoring/prometheus/0"},
            {"job_name": "podMonitor/search/theirs/0"},
            {"job_name": "probe/monitoring/probe-api"},
        ],
    }
)


@functools.cache
def plan() -> HealthPlan:
    """Return the plan of stack `prod` with a remote write receiver."""
    raw = configuration("prod", "upstream")
    prometheus: Any = raw.values["prometheus"]
    receiver = {"name": "long-term", "url": "https://metrics.bais.example/api/v1/write"}
    values = {**raw.values, "prometheus": {**prometheus, "remoteWrite": [receiver]}}
    return health_plan("prod", check_settings(replace(raw, values=values)))


@functools.cache
def _objects() -> dict[str, Any]:
    workloads = [_workload(component.name) for component in plan().components]
    files = {f"monitoring-{name}-{UID}.yaml": yaml.safe_dump(dict(spec)) for name, spec in plan().cluster.rules.items()}
    return {
        "workloads": workloads,
        "pods": [_pod(workload) for workload in workloads],
        "simulated_nodes": set(),
        "claims": [{"metadata": {"name": name}, "status": {"phase": "Bound"}} for name in plan().claims],
        "boards": [{"data": {f"{uid}.json": board}} for uid, board in plan().boards.items()],
        "monitors": [
            _monitor("servicemonitors", "monitoring", "prometheus", {"endpoints": [{}]}),
            _monitor("podmonitors", "search", "theirs", {"podMetricsEndpoints": [{}]}),
            _monitor("probes", "monitoring", "probe-api", {}),
        ],
        "rule_files": files,
        "instances": {each.kind: _instance(each) for each in (plan().cluster.prometheus, plan().cluster.alertmanager)},
        "alertmanager_files": _alertmanager_files(),
        "prometheus_configuration": CONFIGURATION,
        "rejections": [],
    }


def _instance(instance: Instance) -> dict[str, Any]:
    conditions = [{"type": name, "status": "True", "observedGeneration": 1} for name in ("Available", "Reconciled")]
    return {
        "metadata": {"generation": 1, "uid": instance.name, "annotations": {SPECIFICATION_ANNOTATION: "x"}},
        "status": {"conditions": conditions, "updatedReplicas": instance.pods, "availableReplicas": instance.pods},
    }


def _workload(name: str) -> dict[str, Any]:
    component = next(each for each in plan().components if each.name == name)
    pods = component.instance.pods if component.instance else 1
    image = name.replace("postgres-exporter-bais", "postgres-exporter").replace("redis-exporter-bais", "redis_exporter")
    metadata: dict[str, Any] = {"name": name, "annotations": {"meta.helm.sh/release-name": component.release}}
    if component.instance:
        owner = {"kind": component.instance.kind, "name": component.instance.name, "uid": component.instance.name}
        metadata = {"name": name, "ownerReferences": [owner], "annotations": {SPECIFICATION_ANNOTATION: "x"}}
    container = {"name": name, "image": f"mirror.example:5000/x/{image}:{plan().versions[image]}@sha256:0"}
    return {
        "kind": "statefulsets" if component.instance else "deployments",
        "metadata": metadata,
        "spec": {"replicas": pods, "template": {"spec": {"containers": [container]}}},
        "status": {"availableReplicas": pods, "updatedReplicas": pods},
    }


def _pod(workload: Mapping[str, Any]) -> dict[str, Any]:
    name = workload["metadata"]["name"]
    container = {"name": name, "resources": {"limits": {"memory": "1Gi"}}}
    return {
        "metadata": {
            "name": f"{name}-0",
            "namespace": "monitoring",
            "labels": {"app.kubernetes.io/instance": name},
            "ownerReferences": [{"name": name}],
        },
        "spec": {
            "nodeName": "node-1",
            "containers": [container],
            "volumes": [{"persistentVolumeClaim": {"claimName": plan().claims[0]}}] if name == "prometheus" else [],
        },
        "status": {"phase": "Running"},
    }


def _monitor(kind: str, namespace: str, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"namespace": namespace, "name": name}, "spec": dict(spec)}


def _alertmanager_files() -> dict[str, str]:
    return {"alertmanager.yaml": yaml.safe_dump(dict(plan().cluster.configuration)), **plan().cluster.templates}


@functools.cache
def _prometheus() -> dict[str, Any]:
    jobs = [(f"serviceMonitor/monitoring/{'prometheus' if job == 'prometheus' else job}/0", job) for job in OWN_JOBS]
    jobs += [(f"serviceMonitor/monitoring/{job}/0", job) for job in sorted(plan().jobs - set(OWN_JOBS) - {"probe-api"})]
    jobs += [("podMonitor/search/theirs/0", "theirs"), ("probe/monitoring/probe-api", "probe-api")]
    return {
        "shard": "0",
        "groups": [
            {
                "name": group["name"],
                "file": f"/etc/prometheus/rules/monitoring-{name}-{UID}.yaml",
                "interval": 30.0,
                "evaluationTime": 0.01,
                "lastEvaluation": "2026-11-29T02:59:50Z",
                "rules": [_loaded(rule) for rule in group["rules"]],
            }
            for name, spec in plan().cluster.rules.items()
            for group in spec["groups"]
        ],
        "configuration": CONFIGURATION,
        "targets": [
            {
                "scrapePool": pool,
                "scrapeUrl": f"http://10.0.0.1/{job}",
                "labels": {"job": job, "instance": "10.0.0.1"},
                "discoveredLabels": {"__meta_kubernetes_pod_node_name": "node-1"},
                "health": "up",
                "lastError": "",
            }
            for pool, job in jobs
        ],
        "alertmanagers": 3,
        "metrics": "prometheus_config_last_reload_successful 1\nprometheus_tsdb_head_series 150000\n",
        "samples": _samples(),
    }


def _loaded(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": rule.get("alert") or rule["record"],
        "query": rule["expr"],
        "duration": parse_duration(rule.get("for", "0s")),
        "keepFiringFor": parse_duration(rule.get("keep_firing_for", "0s")),
        "labels": rule.get("labels", {}),
        "annotations": rule.get("annotations", {}),
        "health": "ok",
    }


def _samples() -> dict[str, list[Sample]]:
    channel = {"receiver_name": "critical", "integration": "pagerduty"}
    claims = [{"persistentvolumeclaim": claim} for claim in plan().claims]
    pods = [_pod(_workload(component.name)) for component in plan().components]
    return {
        "heartbeat": [Sample({"alertname": "Watchdog"}, 1)],
        "heartbeats": [Sample({}, 3)],
        "sent": [Sample(channel, 4)],
        "undelivered": [Sample(channel, 0)],
        "undelivered_now": [Sample(channel, 0)],
        "last_sent": [Sample(channel, (NOW - timedelta(hours=3)).timestamp())],
        "alerts_undelivered": [Sample({}, 0)],
        "volume_available": [Sample(claim, 30 * GIBIBYTE) for claim in claims],
        "volume_capacity": [Sample(claim, 50 * GIBIBYTE) for claim in claims],
        "volume_growth": [Sample(claim, GIBIBYTE / 86400) for claim in claims],
        "certificates": [Sample({"instance": endpoint}, 60) for endpoint in plan().tls_endpoints],
        "api_server": [Sample({"job": "apiserver"}, 1)],
        "client_certificates": [],
        "remote_write_delay": [Sample({"remote_name": "long-term"}, 4)],
        "remote_write_lost": [Sample({"remote_name": "long-term"}, 0)],
        "memory": [
            Sample(
                {"namespace": "monitoring", "pod": pod["metadata"]["name"], "container": container["name"]},
                GIBIBYTE / 4,
            )
            for pod in pods
            for container in pod["spec"]["containers"]
        ],
    }


def _alertmanager(pod: str) -> dict[str, Any]:
    text = _alertmanager_files()["alertmanager.yaml"].replace("$(POD_NAME)", pod)
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()[:6]
    channels = [("critical", "pagerduty"), ("dead-mans-switch", "webhook")]
    counters = "".join(
        f'alertmanager_notification_requests_total{{integration="{integration}",receiver_name="{receiver}"}} 4\n'
        f'alertmanager_notification_requests_failed_total{{integration="{integration}",receiver_name="{receiver}"}} 0\n'
        for receiver, integration in channels
    )
    return {
        "status": {"cluster": {"status": "ready", "peers": [{}, {}, {}]}},
        "silences": [],
        "metrics": (
            "# TYPE alertmanager_notification_requests_total counter\n"
            f"alertmanager_config_hash {float(int.from_bytes(digest, 'little'))}\n"
            "alertmanager_config_last_reload_successful 1\n"
            f"process_start_time_seconds {(NOW - timedelta(days=2)).timestamp()}\n{counters}"
        ),
    }


def _grafana() -> dict[str, Any]:
    return {"database": "ok", "boards": frozenset(plan().boards), "sources": {"prometheus": "", "alertmanager": ""}}


@dataclass
class HealthyStack:
    """Parts of a reading; every check of it is ok until a test changes a part."""

    objects: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(_objects()))
    prometheus: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {pod: copy.deepcopy(_prometheus()) for pod in PROMETHEUS}
    )
    alertmanager: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {pod: copy.deepcopy(_alertmanager(pod)) for pod in ALERTMANAGER}
    )
    grafana: dict[str, dict[str, Any]] = field(default_factory=lambda: {"grafana-0": copy.deepcopy(_grafana())})
    missing: dict[str, UnknownError] = field(default_factory=dict)

    def reading(self) -> Reading:
        """Return the reading; pods in `missing` do not answer."""

        def answers(title: str, kind: Any, parts: Mapping[str, Mapping[str, Any]]) -> Answers[Any]:
            return Answers(
                title=title,
                by_pod={pod: kind(**part) for pod, part in parts.items() if pod not in self.missing},
                missing={pod: self.missing[pod] for pod in parts if pod in self.missing},
            )

        return Reading(
            at=NOW,
            objects=self.objects,
            prometheus=answers("Prometheus", PrometheusAnswer, self.prometheus),
            alertmanager=answers("Alertmanager", AlertmanagerAnswer, self.alertmanager),
            grafana=answers("Grafana", GrafanaAnswer, self.grafana),
        )

    def sample(self, query: str, value: float, **labels: str) -> None:
        """Set the sample with these labels in the result of a query, in all replicas of Prometheus."""
        for part in self.prometheus.values():
            others = [each for each in part["samples"][query] if each.labels != labels]
            part["samples"][query] = [*others, Sample(labels, value)]

    def every(self, part: str) -> list[dict[str, Any]]:
        """Return a list, such as `targets` or `groups`, of all replicas of Prometheus together."""
        return [each for answer in self.prometheus.values() for each in answer[part]]

    def target(self, job: str) -> list[dict[str, Any]]:
        """Return the target of a job as each replica of Prometheus has it."""
        return [each for each in self.every("targets") if each["labels"]["job"] == job]
