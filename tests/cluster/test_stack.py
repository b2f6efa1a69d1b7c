"""The whole stack on a real node with the demo platform.

Real: engine, control plane, kubelet, containers, every component of the stack, PostgreSQL, Redis. Stand-ins: charts
unless `--charts` gives real ones, the receivers, the services of the BAIS platform. Grafana is disabled: its image
cannot be built.
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
from local.demo.message_log import read_messages
from local.demo.platform import Demo
from local.nodes.scrape_targets import query_prometheus, read_targets
from tests.cluster.acceptance import (
    denied_requests,
    failing_rules,
    monitors_without_targets,
    targets_down,
    unready_pods,
    unseen_metrics,
    wait_for_no_problems,
)
from tests.cluster.broken_configs import (
    dropped_verb,
    read_only_storage,
    refused_expression,
    unknown_argument,
    wrong_port,
)
from tests.cluster.demo import Stack, now, wait_for_messages
from tests.cluster.failure_injections import CRITICAL, FAILURES, LATER_FAILURE, Failure
from tests.cluster.fast_timings import GROUP_INTERVAL, PEER_TIMEOUT, shorten_timings
from tests.cluster.pods import delete_pods
from tests.cluster.runbook_commands import Run
from tests.cluster.runbook_objects import runbook_objects
from tests.cluster.runbook_shell import Shell
from tests.cluster.runbook_steps import Table
from tools.checkout import Checkout
from tools.proof.databases import unavailable_databases
from verification.model import ClusterPlan, Instance
from verification.verify import VerificationError, Verified, verify

EXPECTED_METRICS: Final = PROJECT / "tools" / "proof" / "listed.yaml"
JOBS: Final = {
    *("alertmanager", "prometheus", "prometheus-operator", "kube-state-metrics", "node-exporter", "blackbox-exporter"),
    *("postgres-exporter", "redis-exporter", "api", "worker", "webhook-dispatcher"),
    *("kubelet", "coredns", "apiserver"),
}
BY_NAME: Final = {failure.name: failure for failure in FAILURES}
EXPORTER: Final = BY_NAME["exporter killed"]
# Seconds until a changed Secret is in its pods; the kubelet syncs every 10 s.
MOUNTED: Final = 15.0
each_failure = pytest.mark.parametrize("name", BY_NAME)


@pytest.fixture(scope="module")
def stack(checkout: Checkout, charts: Path | None) -> Stack:
    if lacking := unavailable_databases():
        pytest.skip(f"demo platform not supported on this machine: {', '.join(lacking.values())}")
    shorten_timings(checkout)
    since = now()
    words = ("up", "--node", "real", "--demo", "yes", *(("--charts", str(charts)) if charts else ()))
    deployed = checkout.run(*words, timeout=600)
    assert deployed.returncode == 0, deployed.stdout
    assert "demo alert delivered" in deployed.stdout
    return Stack(Demo(checkout.control_plane, checkout.folder / "Pulumi.local.yaml"), since)


def test_every_pod_is_ready_under_its_security_context(stack: Stack) -> None:
    assert wait_for_no_problems(lambda: unready_pods(stack.demo.control_plane), 60) == []


def test_every_target_of_every_job_is_up(stack: Stack) -> None:
    control_plane = stack.demo.control_plane
    assert wait_for_no_problems(lambda: targets_down(control_plane), 60) == []
    assert monitors_without_targets(control_plane) == []
    assert set(query_prometheus(control_plane, "label/job/values")) >= JOBS
    assert [target for target in read_targets(control_plane) if target.simulated] == []


def test_every_health_check_runs_and_only_the_certificate_that_the_demo_lets_expire_fails(
    stack: Stack, checkout: Checkout
) -> None:
    def unexpected() -> list[str]:
        checks = checkout.health()[1]
        failed = in_state(checks, "failed")
        return [
            *in_state(checks, "unknown"),
            *(name for name in failed if not name.startswith("certificates website.bais.svc:443: ")),
            *([] if failed else ["the certificate does not fail"]),
        ]

    assert wait_for_no_problems(unexpected, 120) == []


def test_a_test_notification_and_its_resolution_arrive_at_every_channel_of_the_receiver(
    stack: Stack, checkout: Checkout
) -> None:
    began = now()
    result = checkout.operate("page", "--channel=critical")
    assert result.returncode == 0, result.stdout
    found = [each for each in stack.messages(began) if "TestNotification" in each.text]
    for resolved in (False, True):
        assert sorted(each.address for each in found if each.resolved == resolved) == sorted(CRITICAL)


def in_state(checks: list[dict[str, Any]], state: str) -> list[str]:
    return [f"{each['check']} {each['subject']}: {each['value']}" for each in checks if each["state"] == state]


@pytest.mark.usefixtures("notified")
def test_every_rule_is_evaluated_without_an_error(stack: Stack) -> None:
    assert wait_for_no_problems(lambda: failing_rules(stack.demo.control_plane), 60) == []


def test_the_heartbeat_arrives_at_the_dead_mans_switch(stack: Stack) -> None:
    def missing() -> list[str]:
        return [] if any(each.address == SWITCH for each in read_messages(stack.demo.state)) else [SWITCH]

    assert wait_for_no_problems(missing, 90) == []


@pytest.fixture(scope="module")
def notified(stack: Stack) -> Mapping[str, Mapping[str, list[str]]]:
    """Addresses of all messages after all failures at once, and after their end."""
    with contextlib.ExitStack() as injected:
        for failure in FAILURES:
            injected.enter_context(failure.inject(stack.demo))
        firing = wait_for_messages(stack, FAILURES, resolved=False, since=stack.since, timeout=150)
        over = now()
    return {"firing": firing, "resolved": wait_for_messages(stack, FAILURES, resolved=True, since=over, timeout=180)}


@each_failure
def test_each_failure_is_notified_exactly_once_to_its_addresses(notified: Mapping[str, Any], name: str) -> None:
    assert notified["firing"][name] == sorted(BY_NAME[name].addresses)


@each_failure
def test_each_resolution_is_notified_to_the_same_addresses(notified: Mapping[str, Any], name: str) -> None:
    """At least once.

    The alert may fire again between the evaluations of the two Prometheus replicas.
    """
    assert set(notified["resolved"][name]) == BY_NAME[name].addresses


@pytest.mark.usefixtures("notified")
def test_metrics_known_only_from_source_code_exist(stack: Stack) -> None:
    listed = yaml.safe_load(EXPECTED_METRICS.read_text())
    expected = {name: entry for name, entry in listed.items() if name not in OCCASIONAL}
    assert expected.keys() == listed.keys() - OCCASIONAL
    assert unseen_metrics(stack.demo.control_plane, expected, stack.since) == []


OCCASIONAL: Final = {
    # The API server of this version streams lists to kube-state-metrics, so it requests none while all is well.
    "kube_state_metrics_list_total",
    # Stack `local` has no Thanos sidecar: no image of it can be built here.
    "thanos_objstore_bucket_last_successful_upload_time",
}


@contextlib.contextmanager
def injected_failure(stack: Stack, failure: Failure) -> Iterator[list[str]]:
    """Inject a failure while the context lasts; yield the notified addresses.

    Checks at the end that the resolution is notified.
    """
    # If it starts again before the last of three Alertmanagers has waited for the others, that one sends a resolved
    # notification and then a second firing one.
    waited = timedelta(seconds=2 * PEER_TIMEOUT)
    while any(failure.alert in each.title for each in stack.messages(now() - waited)):
        time.sleep(1)
    began = now()
    with failure.inject(stack.demo):
        yield wait_for_messages(stack, [failure], resolved=False, since=began, timeout=120)[failure.name]
        over = now()
    notified = wait_for_messages(stack, [failure], resolved=True, since=over, timeout=120)
    assert set(notified[failure.name]) == failure.addresses


@pytest.mark.usefixtures("notified")
def test_samples_silences_and_notifications_survive_pod_deletion(stack: Stack) -> None:
    silence = stack.amtool("silence", "add", "alertname=Nothing", "--author=test", "--comment=test", "--duration=1h")
    with injected_failure(stack, LATER_FAILURE) as addresses:
        assert addresses == sorted(LATER_FAILURE.addresses)
        at, before = time.time(), now()
        pods = "app.kubernetes.io/name in (prometheus, alertmanager)"
        delete_pods(stack.demo.control_plane, f"--selector={pods}")
        assert wait_for_no_problems(lambda: unready_pods(stack.demo.control_plane), 120) == []
        for replica in (0, 1):
            assert stack.prometheus(replica, "up", at)
        assert stack.amtool("silence", "query", "--quiet") == silence
        # The alert still fires and is not notified again.
        time.sleep(GROUP_INTERVAL + 2 * PEER_TIMEOUT)
        assert stack.notified(LATER_FAILURE, resolved=False, since=before) == []


@dataclass(frozen=True)
class Reduced:
    """Result of an alert while one replica of each component was stopped.

    A webhook was rotated before.

    Attributes:
        notified: Addresses of all messages.
        paths: Paths of the HTTP requests.
        before: Uid and restarts of the Alertmanager pods before.
        after: Uid and restarts of the Alertmanager pods after.
        unhealthy: Failed health checks.
    """

    notified: list[str]
    paths: set[str]
    before: Mapping[str, tuple[str, int]]
    after: Mapping[str, tuple[str, int]]
    unhealthy: list[str]


@pytest.fixture(scope="module")
def reduced(stack: Stack, checkout: Checkout, notified: object) -> Reduced:
    """Rotate a webhook, stop one Prometheus and one Alertmanager, then cause an alert."""
    secret, key = ("secret", "--namespace=monitoring", "alertmanager-tokens"), "slack-warning-webhook-url"
    address = base64.b64decode(json.loads(stack.kubectl("get", *secret, "--output=json"))["data"][key]).decode()
    rotated = base64.b64encode(f"{address}?rotated".encode()).decode()
    before = stack.restarts("alertmanager")
    stack.kubectl("patch", *secret, f"--patch={json.dumps({'data': {key: rotated}})}")
    stack.kubectl("cordon", "node-1")
    try:
        delete_pods(stack.demo.control_plane, "prometheus-prometheus-1", "alertmanager-alertmanager-2")
        time.sleep(MOUNTED)
        began = now()
        with injected_failure(stack, EXPORTER) as addresses:
            paths = {each.path for each in stack.messages(began) if EXPORTER.alert in each.title}
            after = stack.restarts("alertmanager")
            unhealthy = in_state(checkout.health()[1], "failed")
    finally:
        stack.kubectl("uncordon", "node-1")
    assert wait_for_no_problems(lambda: unready_pods(stack.demo.control_plane), 120) == []
    return Reduced(addresses, paths, before, after, unhealthy)


def test_with_one_replica_of_each_stopped_an_alert_is_notified_once(reduced: Reduced) -> None:
    assert reduced.notified == sorted(EXPORTER.addresses)


def test_with_one_replica_of_each_stopped_the_health_check_counts_the_others(reduced: Reduced) -> None:
    for start in (
        "available prometheus: 1 of 2 available",
        "available alertmanager: 2 of 3 available",
        "alertmanager cluster : 2 of 3 replicas answer",
        "targets node-exporter: 0 targets",
    ):
        assert any(line.startswith(start) for line in reduced.unhealthy), reduced.unhealthy


def test_a_rotated_webhook_is_used_without_a_restart(reduced: Reduced) -> None:
    assert reduced.paths == {"/slack/warning?rotated"}
    for pod in ("alertmanager-alertmanager-0", "alertmanager-alertmanager-1"):
        assert reduced.after[pod] == reduced.before[pod]


@pytest.mark.usefixtures("notified")
def test_a_changed_rule_is_loaded_within_a_minute(stack: Stack) -> None:
    rules = json.loads(
        stack.kubectl("get", "prometheusrules", "--namespace=monitoring", "alerts-cache", "--output=json")
    )
    (rule,) = (
        each for group in rules["spec"]["groups"] for each in group["rules"] if each["alert"] == "RedisMemoryHigh"
    )
    rule["expr"] = rule["expr"].replace("0.90", "0.95").replace("0.9 ", "0.95 ")
    stack.kubectl("replace", "--filename=-", text=json.dumps(rules))
    assert (
        wait_for_no_problems(lambda: [] if "0.95" in stack.loaded_rule("RedisMemoryHigh") else ["previous rule"], 60)
        == []
    )


@pytest.mark.usefixtures("notified")
def test_no_receiver_rejects_a_message(stack: Stack) -> None:
    assert [each.title for each in stack.messages() if not each.address] == []


@pytest.mark.usefixtures("notified")
def test_no_request_of_a_pod_is_denied_by_rbac(stack: Stack) -> None:
    assert denied_requests(stack.demo.control_plane.state, stack.since) == []


@pytest.fixture(scope="module")
def reported(stack: Stack, checkout: Checkout, notified: object) -> Mapping[str, bool]:
    """Whether the checks report each broken configuration; several at once, in components that do not share a pod."""
    control_plane, began = stack.demo.control_plane, now()
    with wrong_port(control_plane), dropped_verb(control_plane), read_only_storage(control_plane):
        reported = {
            "missing permission": appears(
                "kube-state-metrics is not allowed to watch", lambda: denied_requests(control_plane.state, began)
            ),
            "read-only storage": appears("monitoring/prometheus-prometheus-1", lambda: unready_pods(control_plane)),
            "wrong port": appears(
                "redis-exporter-sessions/0: no target", lambda: monitors_without_targets(control_plane)
            ),
            "monitor without a target": appears(
                "redis-exporter-sessions/0 has no target", lambda: in_state(checkout.health()[1], "failed")
            ),
        }
    assert wait_for_no_problems(lambda: unready_pods(control_plane), 120) == []
    assert wait_for_no_problems(lambda: monitors_without_targets(control_plane), 60) == []
    with unknown_argument(control_plane):
        reported["unknown argument"] = appears(
            "monitoring/redis-exporter-sessions", lambda: unready_pods(control_plane)
        )
    assert wait_for_no_problems(lambda: unready_pods(control_plane), 60) == []
    return reported


@pytest.mark.parametrize(
    "broken",
    ["missing permission", "read-only storage", "wrong port", "monitor without a target", "unknown argument"],
)
def test_the_checks_find_a_broken_configuration(reported: Mapping[str, bool], broken: str) -> None:
    assert reported[broken]


@pytest.fixture(scope="module")
def commands(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All commands of runbooks and operations guides, on objects of their own."""
    folder = tmp_path_factory.mktemp("commands")
    with runbook_objects(stack.demo, folder):
        return Run(Shell(stack.demo, folder), Table.load())


def test_every_command_of_a_runbook_works_and_prints_something(commands: Run) -> None:
    print(f"{commands.count} commands ran; not run, because this is missing:", *commands.not_run, sep="\n")
    assert commands.problems == []


def test_every_exception_for_commands_is_needed(commands: Run) -> None:
    assert commands.stale == []


def test_samples_and_silences_are_still_there_after_state_and_instances_were_lost(
    stack: Stack, checkout: Checkout
) -> None:
    """Only the volumes are left of Prometheus and Alertmanager, and nothing of the engine's state.

    The Secret is left out, because `reduced` has rotated one of its values by hand: the engine refuses to overwrite it.
    """
    stack.kubectl("delete", "secret", "alertmanager-tokens", "--namespace=monitoring")
    silence = stack.amtool("silence", "add", "alertname=Lost", "--author=test", "--comment=test", "--duration=1h")
    at, claims = time.time(), stack.claims()
    stack.kubectl("delete", "prometheus,alertmanager", "--all", "--namespace=monitoring", "--wait")
    pods = ("pods", "--namespace=monitoring", "--selector=app.kubernetes.io/name in (prometheus, alertmanager)")
    assert wait_for_no_problems(lambda: stack.kubectl("get", *pods, "--output=name").split(), 60) == []
    removed = checkout.run_engine("stack", "rm", "--force", "--preserve-config", "--yes", timeout=60)
    assert removed.returncode == 0, removed.stdout
    deployed = checkout.run("up", "--node", "real", "--demo", "yes", timeout=600)
    assert deployed.returncode == 0, deployed.stdout
    assert "created" in deployed.stdout
    assert stack.claims() == claims
    assert len(claims) == 5
    for replica in (0, 1):
        assert stack.prometheus(replica, "up", at)
    assert silence in stack.amtool("silence", "query", "--quiet").split()


def test_every_pod_has_loaded_what_was_deployed_and_a_refused_configuration_is_reported(
    stack: Stack, checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in checkout.deployment.environment().items():
        monkeypatch.setenv(name, value)
    assert verify(deployed_plan(stack)) == Verified()
    reason = r"pod prometheus-prometheus-[01]: Prometheus refuses its configuration: .*unsupported Perl syntax: `\(\?!`"
    # Without this, five minutes if the pods refuse it before the first comparison.
    monkeypatch.setattr("verification.verify.STALE_SECONDS", 30.0)
    # Last in this file: the reloader needs minutes to give up the refused configuration.
    with refused_expression(stack.demo.control_plane):
        with pytest.raises(VerificationError, match=reason):
            verify(deployed_plan(stack))
        (loaded,) = (line for line in in_state(checkout.health()[1], "failed") if line.startswith("loaded "))
        assert "Prometheus refuses its configuration" in loaded


def deployed_plan(stack: Stack) -> ClusterPlan:
    """Return the plan of the objects that the engine has deployed."""
    options = ("--namespace=monitoring", "--output=json")
    rules = json.loads(stack.kubectl("get", "prometheusrules", *options))["items"]
    secret = json.loads(stack.kubectl("get", "secret", "alertmanager-configuration", *options))["data"]
    files = {name: base64.b64decode(content).decode() for name, content in secret.items()}
    return ClusterPlan(
        context=None,
        namespace="monitoring",
        prometheus=Instance(kind="Prometheus", name="prometheus", pods=2, port=9090),
        alertmanager=Instance(kind="Alertmanager", name="alertmanager", pods=3, port=9093),
        rules={each["metadata"]["name"]: each["spec"] for each in rules},
        configuration=yaml.safe_load(files.pop("alertmanager.yaml")),
        templates=files,
    )


def appears(text: str, check: Callable[[], list[str]]) -> bool:
    """Return whether a check reports a problem with this text within a minute."""
    return wait_for_no_problems(lambda: [] if any(text in problem for problem in check()) else [text], 60) == []
