"""The whole stack alive on a real node, beside the demo platform.

Real: engine, control plane, kubelet, containers, every component of the stack, PostgreSQL, Redis. Stand-ins: charts
unless `--charts` gives real ones, the receivers, the services of the BAIS platform. Grafana is disabled: there is no
image of it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from common.project import PROJECT
from local.demo.fake_receivers import SWITCH
from local.demo.message_log import read
from local.demo.platform import Demo
from local.nodes.scrape_targets import ask, read_targets
from tests.cluster.acceptance import (
    denied_requests,
    failing_rules,
    monitors_without_targets,
    settled,
    targets_down,
    unready_pods,
    unseen_metrics,
)
from tests.cluster.broken_configs import dropped_verb, read_only_storage, unknown_argument, wrong_port
from tests.cluster.demo import Stack, awaited, now
from tests.cluster.failure_injections import CAUSES, LATER, Cause
from tests.cluster.fast_timings import hasten
from tests.cluster.pods import end_pods
from tools.checkout import Checkout
from tools.proof.databases import unavailable_databases

LISTED: Final = PROJECT / "tools" / "proof" / "listed.yaml"
JOBS: Final = {
    *("alertmanager", "prometheus", "prometheus-operator", "kube-state-metrics", "node-exporter", "blackbox-exporter"),
    *("postgres-exporter", "redis-exporter", "api", "worker", "webhook-dispatcher"),
    *("kubelet", "coredns", "apiserver"),
}
BY_NAME: Final = {cause.name: cause for cause in CAUSES}
EXPORTER: Final = BY_NAME["exporter killed"]
PEERS: Final = 30.0
"""Seconds that the last of three Alertmanagers waits for the others before it tells what it knew at the beginning."""
MOUNTED: Final = 15.0
"""Seconds until a changed Secret is in its pods: the kubelet looks every ten."""
each_cause = pytest.mark.parametrize("name", BY_NAME)


@pytest.fixture(scope="module")
def stack(checkout: Checkout, charts: Path | None) -> Stack:
    if lacking := unavailable_databases():
        pytest.skip(f"no demo platform can be had here: {', '.join(lacking.values())}")
    hasten(checkout)
    since = now()
    words = ("up", "--node", "real", "--demo", "yes", *(("--charts", str(charts)) if charts else ()))
    deployed = checkout.run(*words, timeout=600)
    assert deployed.returncode == 0, deployed.stdout
    assert "demo alert delivered" in deployed.stdout
    return Stack(Demo(checkout.control_plane, checkout.folder / "Pulumi.local.yaml"), since)


def test_every_pod_is_ready_under_its_security_context(stack: Stack) -> None:
    assert settled(lambda: unready_pods(stack.demo.control_plane), 60) == []


def test_every_target_of_every_job_is_up(stack: Stack) -> None:
    control_plane = stack.demo.control_plane
    assert settled(lambda: targets_down(control_plane), 60) == []
    assert monitors_without_targets(control_plane) == []
    assert set(ask(control_plane, "label/job/values")) >= JOBS
    assert [target for target in read_targets(control_plane) if target.simulated] == []


def test_every_rule_is_evaluated_without_an_error(stack: Stack) -> None:
    assert settled(lambda: failing_rules(stack.demo.control_plane), 60) == []


def test_the_heartbeat_arrives_at_the_dead_mans_switch(stack: Stack) -> None:
    def missing() -> list[str]:
        return [] if any(each.address == SWITCH for each in read(stack.demo.state)) else [SWITCH]

    assert settled(missing, 90) == []


@pytest.fixture(scope="module")
def told(stack: Stack) -> Mapping[str, Mapping[str, list[str]]]:
    """All goes wrong at once, then all is put right: where each was told, and told to be over; once a message."""
    with contextlib.ExitStack() as happening:
        for cause in CAUSES:
            happening.enter_context(cause.happening(stack.demo))
        firing = awaited(stack, CAUSES, resolved=False, since=stack.since, timeout=150)
        over = now()
    return {"firing": firing, "resolved": awaited(stack, CAUSES, resolved=True, since=over, timeout=180)}


@each_cause
def test_what_goes_wrong_is_told_once_to_whom_it_concerns(told: Mapping[str, Any], name: str) -> None:
    assert told["firing"][name] == sorted(BY_NAME[name].addresses)


@each_cause
def test_what_is_put_right_is_told_to_whom_it_concerned(told: Mapping[str, Any], name: str) -> None:
    """At least once: between the end that one Prometheus sees and the other's next look it may seem to begin again."""
    assert set(told["resolved"][name]) == BY_NAME[name].addresses


@pytest.mark.usefixtures("told")
def test_what_was_only_read_in_sources_is_there(stack: Stack) -> None:
    assert unseen_metrics(stack.demo.control_plane, yaml.safe_load(LISTED.read_text()), stack.since) == []


@contextlib.contextmanager
def caused(stack: Stack, cause: Cause) -> Iterator[list[str]]:
    """It happens while the context lasts; the value is who was told. At the end it is over, and that is told."""
    # What begins anew sooner would be told as over by the last Alertmanager, and then once more as begun.
    while any(cause.alert in each.title for each in stack.messages(now() - timedelta(seconds=PEERS))):
        time.sleep(1)
    began = now()
    with cause.happening(stack.demo):
        yield awaited(stack, [cause], resolved=False, since=began, timeout=120)[cause.name]
        over = now()
    told = awaited(stack, [cause], resolved=True, since=over, timeout=120)
    assert set(told[cause.name]) == cause.addresses


@pytest.mark.usefixtures("told")
def test_samples_silences_and_notifications_outlive_their_pods(stack: Stack) -> None:
    silence = stack.amtool("silence", "add", "alertname=Nothing", "--author=test", "--comment=test", "--duration=1h")
    with caused(stack, LATER) as told_of_it:
        assert told_of_it == sorted(LATER.addresses)
        at, before = time.time(), now()
        pods = "app.kubernetes.io/name in (prometheus, alertmanager)"
        end_pods(stack.demo.control_plane, f"--selector={pods}")
        assert settled(lambda: unready_pods(stack.demo.control_plane), 120) == []
        for replica in (0, 1):
            assert stack.prometheus(replica, "up", at)
        assert stack.amtool("silence", "query", "--quiet") == silence
        # It fires on, and is not told again.
        time.sleep(45)
        assert stack.told(LATER, resolved=False, since=before) == []


@dataclass(frozen=True)
class Reduced:
    """Who was told while one of each was stopped and after the webhook was rotated, where, and the pods that stayed."""

    told: list[str]
    paths: set[str]
    before: Mapping[str, tuple[str, int]]
    after: Mapping[str, tuple[str, int]]


@pytest.fixture(scope="module")
def reduced(stack: Stack, told: object) -> Reduced:
    """A rotated webhook, one Prometheus and one Alertmanager stopped, then an alert."""
    secret, key = ("secret", "--namespace=monitoring", "alertmanager-tokens"), "slack-warning-webhook-url"
    address = base64.b64decode(json.loads(stack.kubectl("get", *secret, "--output=json"))["data"][key]).decode()
    rotated = base64.b64encode(f"{address}?rotated".encode()).decode()
    before = stack.restarts("alertmanager")
    stack.kubectl("patch", *secret, f"--patch={json.dumps({'data': {key: rotated}})}")
    stack.kubectl("cordon", "node-1")
    try:
        end_pods(stack.demo.control_plane, "prometheus-prometheus-1", "alertmanager-alertmanager-2")
        time.sleep(MOUNTED)
        began = now()
        with caused(stack, EXPORTER) as told_of_it:
            paths = {each.path for each in stack.messages(began) if EXPORTER.alert in each.title}
            after = stack.restarts("alertmanager")
    finally:
        stack.kubectl("uncordon", "node-1")
    assert settled(lambda: unready_pods(stack.demo.control_plane), 120) == []
    return Reduced(told_of_it, paths, before, after)


def test_with_one_of_each_stopped_an_alert_is_told_once(reduced: Reduced) -> None:
    assert reduced.told == sorted(EXPORTER.addresses)


def test_a_rotated_webhook_is_used_without_a_restart(reduced: Reduced) -> None:
    assert reduced.paths == {"/slack/warning?rotated"}
    for pod in ("alertmanager-alertmanager-0", "alertmanager-alertmanager-1"):
        assert reduced.after[pod] == reduced.before[pod]


@pytest.mark.usefixtures("told")
def test_a_changed_rule_is_loaded_within_a_minute(stack: Stack) -> None:
    rules = json.loads(
        stack.kubectl("get", "prometheusrules", "--namespace=monitoring", "alerts-cache", "--output=json")
    )
    (rule,) = (
        each for group in rules["spec"]["groups"] for each in group["rules"] if each["alert"] == "RedisMemoryHigh"
    )
    rule["expr"] = rule["expr"].replace("0.90", "0.95").replace("0.9 ", "0.95 ")
    stack.kubectl("replace", "--filename=-", text=json.dumps(rules))
    assert settled(lambda: [] if "0.95" in stack.loaded_rule("RedisMemoryHigh") else ["the rule before"], 60) == []


@pytest.mark.usefixtures("told")
def test_no_receiver_refuses_anything(stack: Stack) -> None:
    assert [each.title for each in stack.messages() if not each.address] == []


@pytest.mark.usefixtures("told")
def test_no_pod_is_denied_what_it_asks_the_api_server_for(stack: Stack) -> None:
    assert denied_requests(stack.demo.control_plane.state, stack.since) == []


@pytest.mark.usefixtures("told")
def test_a_wrong_port_of_a_monitor_is_found(stack: Stack) -> None:
    control_plane = stack.demo.control_plane
    with wrong_port(control_plane):
        assert appears("redis-exporter-sessions/0: no target", lambda: monitors_without_targets(control_plane))
    assert settled(lambda: monitors_without_targets(control_plane), 60) == []


@pytest.mark.usefixtures("told")
def test_a_right_that_is_missing_is_found(stack: Stack) -> None:
    control_plane, began = stack.demo.control_plane, now()
    with dropped_verb(control_plane):
        assert appears("kube-state-metrics may not watch", lambda: denied_requests(control_plane.state, began))
    assert settled(lambda: unready_pods(control_plane), 60) == []


@pytest.mark.usefixtures("told")
def test_an_argument_that_a_binary_does_not_know_is_found(stack: Stack) -> None:
    control_plane = stack.demo.control_plane
    with unknown_argument(control_plane):
        assert appears("monitoring/redis-exporter-sessions", lambda: unready_pods(control_plane))
    assert settled(lambda: unready_pods(control_plane), 60) == []


@pytest.mark.usefixtures("told")
def test_a_folder_that_must_be_written_and_cannot_be_is_found(stack: Stack) -> None:
    control_plane = stack.demo.control_plane
    with read_only_storage(control_plane):
        assert appears("monitoring/prometheus-prometheus-1", lambda: unready_pods(control_plane))
    assert settled(lambda: unready_pods(control_plane), 120) == []


def appears(text: str, look: Callable[[], list[str]]) -> bool:
    """Whether a problem with this text is found within a minute."""
    return settled(lambda: [] if any(text in problem for problem in look()) else [text], 60) == []
