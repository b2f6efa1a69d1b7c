"""Shards and remote write with the configuration of the real operator.

Targets are discovered from a real API server but not scraped. Samples go from one real Prometheus to another on
loopback.
"""

from __future__ import annotations

import json
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from pulumi import automation

from catalogue.loader import load
from local.processes import free_ports
from local.prometheus import CONFIGURATION
from local.prometheus import prometheus as started
from tests.engine.engine import select
from tools.checkout import Checkout
from tools.operator_output import discover_targets, prometheus_files

# Timeout of waits in seconds.
TIMEOUT: Final = 25
USER, PASSWORD = "bais", "test"
# The password `test`, hashed with bcrypt in the documentation of Prometheus.
HASHED: Final = "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay"
# Metrics of a sender that the alerts on remote write read.
ALERTED: Final = {
    metric
    for alert in ("PrometheusRemoteWriteFailing", "PrometheusRemoteWriteBehind")
    for metric in re.findall(r"prometheus_remote_storage_\w+", load().alerts[alert].expression)
}
SERVICES: Final = [f"shop-{letter}" for letter in "abcdefgh"]
PODS: Final = 3
STACK_JOBS: Final = {
    "alertmanager",
    "blackbox-exporter",
    "grafana",
    "kube-state-metrics",
    "node-exporter",
    "postgres-exporter",
    "prometheus",
    "prometheus-operator",
    "prometheus-thanos",
    "redis-exporter",
}


def shop() -> str:
    """Return services of another team with their pods."""
    objects: list[dict[str, Any]] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}]
    for name in SERVICES:
        metadata, labels = {"name": name, "namespace": "shop", "labels": {"team": "shop"}}, {"app": name}
        pod = {"containers": [{"name": "shop", "image": "registry.example/shop:1.0.0"}]}
        template = {"metadata": {"labels": labels}, "spec": pod}
        deployment = {"replicas": PODS, "selector": {"matchLabels": labels}, "template": template}
        objects.append({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": deployment})
        service = {"selector": labels, "ports": [{"name": "web", "port": 8080}]}
        objects.append({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service})
    return "---\n".join(map(yaml.safe_dump, objects))


MONITOR: Final = yaml.safe_dump(
    {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": {"name": "shop", "namespace": "shop", "labels": {"monitoring/stack": "bais"}},
        "spec": {"selector": {"matchLabels": {"team": "shop"}}, "endpoints": [{"port": "web"}]},
    }
)


# A Prometheus that this stack has replaced.
SOURCE: Final = {
    "name": "previous",
    "url": "http://prometheus.old.svc:9090/api/v1/read",
    "requiredMatchers": {"prometheus": "old/prometheus"},
}


@pytest.fixture(scope="module")
def port() -> int:
    """Port of the receiver."""
    return free_ports(1)[0]


@pytest.fixture(scope="module")
def stack(deployed: Checkout, port: int) -> automation.Stack:
    """Stack `local`, changed to two shards that send to a receiver.

    The credentials of the receiver exist before.
    """
    kubectl = deployed.control_plane.kubectl
    literals = (f"--from-literal=username={USER}", f"--from-literal=password={PASSWORD}")
    kubectl("create", "secret", "generic", "other", "--namespace=monitoring", *literals)
    kubectl("apply", "-f", "-", text=shop())
    with deployed.edit_settings() as settings:
        settings["monitoring:prometheus"] |= {
            "shards": 2,
            "thanos": {},
            "remoteWrite": [
                {
                    "name": "other",
                    "url": f"http://127.0.0.1:{port}/api/v1/write",
                    "credentials": {"basicAuth": {"secret": "other"}},
                    "headers": {"X-Scope-OrgID": "bais"},
                    "writeRelabel": [{"action": "keep", "regex": "up|scrape_duration_seconds"}],
                }
            ],
            "remoteRead": [SOURCE],
        }
    stack = select(deployed)
    stack.up(policy_packs=[str(deployed.folder / "policy")])
    kubectl("apply", "-f", "-", text=MONITOR)
    return stack


# --- shards ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shards(
    checkout: Checkout, stack: automation.Stack, tmp_path_factory: pytest.TempPathFactory
) -> list[list[tuple[str, str]]]:
    """Job and instance of each target by shard."""
    wait_for_monitor(checkout, tmp_path_factory.mktemp("configuration"))
    found = []
    for shard in range(2):
        jobs = discover_targets(checkout.control_plane, tmp_path_factory.mktemp("shard"), shard)
        found.append([(labels["job"], labels["instance"]) for targets in jobs.values() for labels in targets])
    return found


def wait_for_monitor(checkout: Checkout, folder: Path) -> None:
    deadline = time.monotonic() + TIMEOUT
    while "serviceMonitor/shop/shop/0" not in prometheus_files(checkout.control_plane, folder)[0].read_text():
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_every_target_outside_the_stack_is_in_exactly_one_shard(shards: list[list[tuple[str, str]]]) -> None:
    first, second = ([target for target in shard if target[0] not in STACK_JOBS] for shard in shards)
    assert first
    assert second
    assert len(first) == len(set(first))
    assert set(first) & set(second) == set()
    jobs = [job for job, _ in first + second]
    assert {job: jobs.count(job) for job in SERVICES} == dict.fromkeys(SERVICES, PODS)
    assert "probe-example" in jobs


def test_all_targets_of_a_job_are_in_one_shard(shards: list[list[tuple[str, str]]]) -> None:
    first, second = ({job for job, _ in shard if job not in STACK_JOBS} for shard in shards)
    assert first & second == set()


def test_the_components_of_the_stack_are_in_every_shard(shards: list[list[tuple[str, str]]]) -> None:
    first, second = (sorted(target for target in shard if target[0] in STACK_JOBS) for shard in shards)
    assert first == second
    assert {job for job, _ in first} == STACK_JOBS
    # Two replicas of two shards.
    assert len([job for job, _ in first if job == "prometheus"]) == 4


def test_every_replica_of_every_shard_has_its_claim_and_sidecar(checkout: Checkout, stack: automation.Stack) -> None:
    listed = checkout.control_plane.kubectl("get", "pods,pvc", "--namespace=monitoring", "--output=json")
    items = [item for item in json.loads(listed)["items"] if item["metadata"]["name"].startswith("prometheus-prom")]
    pods = [item for item in items if item["kind"] == "Pod"]
    claims = {
        item["metadata"]["name"]: item["spec"]["resources"]["requests"]["storage"]
        for item in items
        if item["kind"] == "PersistentVolumeClaim"
    }
    mounted = {
        volume["persistentVolumeClaim"]["claimName"]
        for pod in pods
        for volume in pod["spec"]["volumes"]
        if "persistentVolumeClaim" in volume
    }
    assert len(pods) == 4
    assert mounted == set(claims)
    assert set(claims.values()) == {"2Gi"}  # from the settings, not from the template
    for pod in pods:
        assert "thanos-sidecar" in {container["name"] for container in pod["spec"]["containers"]}


# --- remote write ---------------------------------------------------------------------------------------------------


@contextmanager
def prometheus(folder: Path, configuration: object, port: int, *arguments: str) -> Iterator[str]:
    """Run a real Prometheus on loopback; yield its URL."""
    folder.mkdir()
    (folder / CONFIGURATION).write_text(yaml.safe_dump(configuration))
    with started(folder, *arguments, port=port) as address:
        yield address


@pytest.fixture
def receiver(port: int, tmp_path: Path) -> Iterator[str]:
    """A Prometheus that accepts remote write with a login."""
    (tmp_path / "web.yaml").write_text(yaml.safe_dump({"basic_auth_users": {USER: HASHED}}))
    arguments = ("--web.enable-remote-write-receiver", f"--web.config.file={tmp_path / 'web.yaml'}")
    with prometheus(tmp_path / "receiver", {}, port, *arguments) as url:
        yield url


def query(url: str, expression: str, *, login: bool = False) -> list[dict[str, Any]]:
    """Return the series of an instant query; empty while the server is not reachable."""
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if login:
        passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
        passwords.add_password(None, url, USER, PASSWORD, is_authenticated=True)
        handlers.append(urllib.request.HTTPBasicAuthHandler(passwords))
    parameters = urllib.parse.urlencode({"query": expression})
    try:
        with urllib.request.build_opener(*handlers).open(f"{url}/api/v1/query?{parameters}", timeout=2) as response:
            result: list[dict[str, Any]] = json.load(response)["data"]["result"]
            return result
    except OSError:
        return []


def value(url: str, expression: str, *, login: bool = False) -> float:
    """Return the value of an instant query; zero without a result."""
    return sum(float(series["value"][1]) for series in query(url, expression, login=login))


def wait_until(above: float, url: str, expression: str, *, login: bool = False) -> None:
    deadline = time.monotonic() + TIMEOUT
    while value(url, expression, login=login) <= above:
        assert time.monotonic() < deadline, f"{expression} at {url} is not above {above}"
        time.sleep(0.2)


def sender_configuration(checkout: Checkout, folder: Path, port: int) -> dict[str, Any]:
    """Return the generated configuration with the sender itself as the only target."""
    path, _ = prometheus_files(checkout.control_plane, folder)
    written = yaml.safe_load(path.read_text())
    target = {"job_name": "sender", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
    return {
        "global": written["global"] | {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "scrape_configs": [target],
        "remote_write": written["remote_write"],
    }


def test_a_source_is_read_only_for_queries_with_its_labels_and_for_any_time(
    checkout: Checkout, stack: automation.Stack, tmp_path: Path
) -> None:
    path, _ = prometheus_files(checkout.control_plane, tmp_path)
    (source,) = yaml.safe_load(path.read_text())["remote_read"]
    assert {name: source[name] for name in ("name", "url", "required_matchers")} == {
        "name": SOURCE["name"],
        "url": SOURCE["url"],
        "required_matchers": SOURCE["requiredMatchers"],
    }
    assert source["read_recent"] is True
    assert source["filter_external_labels"] is False


def test_only_selected_samples_arrive_with_the_labels_of_the_stack(
    checkout: Checkout, stack: automation.Stack, receiver: str, tmp_path: Path
) -> None:
    (own,) = free_ports(1)
    with prometheus(tmp_path / "sender", sender_configuration(checkout, tmp_path, own), own) as sender:
        wait_until(3, receiver, 'count_over_time(up{job="sender"}[1m])', login=True)
        (series,) = query(receiver, "up", login=True)
        assert series["metric"].items() >= {
            ("environment", "local"),
            ("cluster", "bais-local"),
            ("job", "sender"),
        }
        assert "prometheus_replica" in series["metric"]
        names = {each["metric"]["__name__"] for each in query(receiver, '{__name__=~".+"}', login=True)}
        assert names == {"up", "scrape_duration_seconds"}
        wait_until(0, sender, 'prometheus_remote_storage_samples_total{remote_name="other"}')
        assert value(sender, "prometheus_remote_storage_samples_failed_total") == 0
        assert len(ALERTED) == 4
        assert {metric for metric in ALERTED if not query(sender, metric)} == set()


def test_the_metrics_of_the_sender_show_a_wrong_password(
    checkout: Checkout, stack: automation.Stack, receiver: str, tmp_path: Path
) -> None:
    (own,) = free_ports(1)
    configuration = sender_configuration(checkout, tmp_path, own)
    configuration["remote_write"][0]["basic_auth"]["password"] = "wrong"
    with prometheus(tmp_path / "sender", configuration, own) as sender:
        wait_until(0, sender, 'prometheus_remote_storage_samples_failed_total{remote_name="other"}')
        assert "401 Unauthorized" in (tmp_path / "sender" / "logs" / "prometheus.log").read_text()
        assert query(receiver, "up", login=True) == []
