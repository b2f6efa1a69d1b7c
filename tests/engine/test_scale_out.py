"""Shards and remote write with the configuration that the real operator writes.

Targets are discovered from a real API server and not scraped; samples go from a real Prometheus to a real Prometheus on
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

from common.project import PROJECT
from local.deploy.charts import choose_chart_source, provide_charts
from local.processes import free_ports
from local.prometheus import CONFIGURATION
from local.prometheus import prometheus as started
from local.tools.toolset import set_folder
from tools.checkout import Checkout
from tools.operator_output import discover_targets, prometheus_files

# What a test waits for at most.
SECONDS: Final = 25
USER, PASSWORD = "bais", "test"
# The word `test`, as Prometheus's own documentation hashes it.
HASHED: Final = "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay"
DOCUMENTED: Final = re.findall(
    r"^\| `(\S*prometheus_remote.*?)` \|", (PROJECT / "docs" / "scale-out.md").read_text(), re.MULTILINE
)
SERVICES: Final = [f"shop-{letter}" for letter in "abcdefgh"]
PODS: Final = 3
EVERYWHERE: Final = {
    "alertmanager",
    "blackbox-exporter",
    "grafana",
    "kube-state-metrics",
    "node-exporter",
    "postgres-exporter",
    "prometheus",
    "prometheus-operator",
    "redis-exporter",
}


def shop() -> str:
    """Services of another team's with pods and one monitor."""
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


@pytest.fixture(scope="module")
def port() -> int:
    """The receiver's."""
    return free_ports(1)[0]


@pytest.fixture(scope="module")
def stack(checkout: Checkout, charts: Path | None, port: int) -> automation.Stack:
    """The stack `local` with two shards that send to a receiver; its credentials are there before it."""
    assert checkout.run("cluster").returncode == 0
    kubectl = checkout.control_plane.kubectl
    kubectl("create", "namespace", "monitoring")
    literals = (f"--from-literal=username={USER}", f"--from-literal=password={PASSWORD}")
    kubectl("create", "secret", "generic", "other", "--namespace=monitoring", *literals)
    kubectl("apply", "-f", "-", text=shop())
    folder = checkout.folder / ".state" / "charts"
    provide_charts(folder, choose_chart_source(folder, charts))
    checkout.deployment.backend.mkdir(parents=True)
    with checkout.settings() as settings:
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
        }
    stack = automation.create_or_select_stack(
        stack_name="local",
        work_dir=str(checkout.folder),
        opts=automation.LocalWorkspaceOptions(
            env_vars=checkout.deployment.environment(),
            pulumi_command=automation.PulumiCommand(root=str(set_folder())),
        ),
    )
    stack.up(policy_packs=[str(checkout.folder / "policy")])
    kubectl("apply", "-f", "-", text=MONITOR)
    return stack


# --- shards ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shards(
    checkout: Checkout, stack: automation.Stack, tmp_path_factory: pytest.TempPathFactory
) -> list[list[tuple[str, str]]]:
    """Job and instance of each target, by shard."""
    wait_for_monitor(checkout, tmp_path_factory.mktemp("configuration"))
    found = []
    for shard in range(2):
        jobs = discover_targets(checkout.control_plane, tmp_path_factory.mktemp("shard"), shard)
        found.append([(labels["job"], labels["instance"]) for targets in jobs.values() for labels in targets])
    return found


def wait_for_monitor(checkout: Checkout, folder: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while "serviceMonitor/shop/shop/0" not in prometheus_files(checkout.control_plane, folder)[0].read_text():
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_every_target_is_in_exactly_one_shard_but_for_the_stack_itself(shards: list[list[tuple[str, str]]]) -> None:
    first, second = ([target for target in shard if target[0] not in EVERYWHERE] for shard in shards)
    assert first
    assert second
    assert len(first) == len(set(first))
    assert set(first) & set(second) == set()
    jobs = [job for job, _ in first + second]
    assert {job: jobs.count(job) for job in SERVICES} == dict.fromkeys(SERVICES, PODS)
    assert "probe-example" in jobs


def test_a_job_stays_together(shards: list[list[tuple[str, str]]]) -> None:
    first, second = ({job for job, _ in shard if job not in EVERYWHERE} for shard in shards)
    assert first & second == set()


def test_the_stack_itself_is_in_every_shard(shards: list[list[tuple[str, str]]]) -> None:
    first, second = (sorted(target for target in shard if target[0] in EVERYWHERE) for shard in shards)
    assert first == second
    assert {job for job, _ in first} == EVERYWHERE
    # Two replicas of two shards.
    assert len([job for job, _ in first if job == "prometheus"]) == 4


def test_every_replica_of_every_shard_adopts_its_claim_and_has_its_sidecar(
    checkout: Checkout, stack: automation.Stack
) -> None:
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
    assert set(claims.values()) == {"2Gi"}  # the stack's size, not the template's
    for pod in pods:
        assert "thanos-sidecar" in {container["name"] for container in pod["spec"]["containers"]}


# --- remote write ---------------------------------------------------------------------------------------------------


@contextmanager
def prometheus(folder: Path, configuration: object, port: int, *arguments: str) -> Iterator[str]:
    """A real Prometheus on loopback; gives its address."""
    folder.mkdir()
    (folder / CONFIGURATION).write_text(yaml.safe_dump(configuration))
    with started(folder, *arguments, port=port) as address:
        yield address


@pytest.fixture
def receiver(port: int, tmp_path: Path) -> Iterator[str]:
    """A Prometheus that takes samples from whom it knows."""
    (tmp_path / "web.yaml").write_text(yaml.safe_dump({"basic_auth_users": {USER: HASHED}}))
    arguments = ("--web.enable-remote-write-receiver", f"--web.config.file={tmp_path / 'web.yaml'}")
    with prometheus(tmp_path / "receiver", {}, port, *arguments) as url:
        yield url


def ask(url: str, expression: str, *, login: bool = False) -> list[dict[str, Any]]:
    """The series of an instant query; none while the server does not answer."""
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if login:
        known = urllib.request.HTTPPasswordMgrWithPriorAuth()
        known.add_password(None, url, USER, PASSWORD, is_authenticated=True)
        handlers.append(urllib.request.HTTPBasicAuthHandler(known))
    query = urllib.parse.urlencode({"query": expression})
    try:
        with urllib.request.build_opener(*handlers).open(f"{url}/api/v1/query?{query}", timeout=2) as answer:
            result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
            return result
    except OSError:
        return []


def value(url: str, expression: str, *, login: bool = False) -> float:
    """The only value of an instant query; zero without one."""
    return sum(float(series["value"][1]) for series in ask(url, expression, login=login))


def wait_until(above: float, url: str, expression: str, *, login: bool = False) -> None:
    deadline = time.monotonic() + SECONDS
    while value(url, expression, login=login) <= above:
        assert time.monotonic() < deadline, f"{expression} at {url} is not above {above}"
        time.sleep(0.2)


def sending(checkout: Checkout, folder: Path, port: int) -> dict[str, Any]:
    """What the operator wrote, with the sender itself as its only target."""
    path, _ = prometheus_files(checkout.control_plane, folder)
    written = yaml.safe_load(path.read_text())
    target = {"job_name": "sender", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
    return {
        "global": written["global"] | {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "scrape_configs": [target],
        "remote_write": written["remote_write"],
    }


def test_samples_arrive_with_the_labels_of_the_stack_and_only_those_that_are_wanted(
    checkout: Checkout, stack: automation.Stack, receiver: str, tmp_path: Path
) -> None:
    (own,) = free_ports(1)
    with prometheus(tmp_path / "sender", sending(checkout, tmp_path, own), own) as sender:
        wait_until(3, receiver, 'count_over_time(up{job="sender"}[1m])', login=True)
        (series,) = ask(receiver, "up", login=True)
        assert series["metric"].items() >= {
            ("environment", "local"),
            ("cluster", "bais-local"),
            ("job", "sender"),
        }
        assert "prometheus_replica" in series["metric"]
        names = {each["metric"]["__name__"] for each in ask(receiver, '{__name__=~".+"}', login=True)}
        assert names == {"up", "scrape_duration_seconds"}
        wait_until(0, sender, 'prometheus_remote_storage_samples_total{remote_name="other"}')
        assert value(sender, "prometheus_remote_storage_samples_failed_total") == 0
        for expression in DOCUMENTED:
            assert ask(sender, expression), expression


def test_a_wrong_password_shows_in_the_metrics_of_the_sender(
    checkout: Checkout, stack: automation.Stack, receiver: str, tmp_path: Path
) -> None:
    (own,) = free_ports(1)
    configuration = sending(checkout, tmp_path, own)
    configuration["remote_write"][0]["basic_auth"]["password"] = "wrong"
    with prometheus(tmp_path / "sender", configuration, own) as sender:
        wait_until(0, sender, 'prometheus_remote_storage_samples_failed_total{remote_name="other"}')
        assert "401 Unauthorized" in (tmp_path / "sender" / "logs" / "prometheus.log").read_text()
        assert ask(receiver, "up", login=True) == []
