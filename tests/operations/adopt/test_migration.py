"""A migration between real Prometheus and Alertmanager processes on loopback; the tests run in file order.

Real: both Prometheus, both Alertmanagers, with production's routes in the new one. Stand-ins: the API server, whose
forwarded ports are those of the processes, and the receivers. With the real chart, operator, API server and pods, on
request, because it takes 20 minutes: `make migration CHARTS=folder`.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

import pytest
import yaml

from local.demo.fake_receivers import Inbox
from local.prometheus import CONFIGURATION
from local.prometheus import prometheus as started
from manifests.scale_out import scale_out_fields
from operations.adopt.command import migrate
from operations.adopt.hand_over import take_back
from operations.adopt.migration import Migration, connected
from operations.adopt.model import Report, State
from operations.adopt.read import read_previous
from operations.page.alert import alert_for
from operations.page.delivery import Delivery
from tests.operations.adopt.previous_stack import NAME, NAMESPACE, PreviousCluster, alert, plan, rule, settings
from tools.delivery.alertmanager import SHORT, Alertmanager, alertmanager, wait_until
from tools.delivery.prometheus import query
from tools.delivery.stacks import delivery_environment, stack

PROD: Final = stack("prod")
OLD_CHANNEL: Final = "#search-alerts"
NEW_CHANNEL: Final = "#bais-alerts"
# A new alert every so many seconds, of a rule that both stacks evaluate, and of one that only the previous one does.
TICK_SECONDS: Final = 2
PROBE: Final = "PagerProbe"
UNSELECTED: Final = "OrdersStuck"
_TICKS: Final = re.compile(r"(PagerProbe|OrdersStuck) tick-(\d+)-end")
HOUR: Final = 3600
# Age of the oldest sample of the previous Prometheus.
HISTORY_SECONDS: Final = 3 * HOUR
DELIVERED_WITHIN: Final = 15


@dataclass
class Stacks:
    """Both stacks, and what the receivers got."""

    folder: Path
    cluster: PreviousCluster
    old: Alertmanager
    new: Alertmanager
    old_prometheus: str
    new_prometheus: str
    inbox: Inbox
    lines: list[str]

    def ticks(self, channel: str, name: str = PROBE) -> set[int]:
        """Return the ticks of an alert that arrived in a channel."""
        texts = [each.text for each in self.inbox.messages.copy() if each.address == channel and not each.resolved]
        return {int(tick) for text in texts for found, tick in _TICKS.findall(text) if found == name}

    @contextlib.contextmanager
    def migration(self) -> Iterator[Migration]:
        """Yield the connected stacks, each with one pod per component."""
        previous = read_previous(self.cluster, release="", namespace="")
        cluster = plan().cluster
        one_each = replace(
            cluster,
            prometheus=replace(cluster.prometheus, pods=1),
            alertmanager=replace(cluster.alertmanager, pods=1),
        )
        with connected(self.cluster, replace(plan(), cluster=one_each), settings(), previous, []) as migration:
            yield migration

    def run(self, *, apply: bool, prove: Callable[[], str]) -> Report:
        """Run the command after its search for settings and cluster."""
        self.lines.clear()
        with self.migration() as migration:
            return migrate(migration, lambda line: self.lines.append(str(line)), apply=apply, prove=prove)

    def page(self) -> str:
        """Send a test notification; return why it was not delivered."""
        sent = alert_for(PROD.configuration, "critical", PROD.origin)
        # The timings of the routes are shortened.
        delivery = Delivery(replace(sent, first_seconds=0, next_seconds=0), "prod", [self.new.address])
        *_, last = delivery.fire()
        delivery.end()
        return ", ".join(last.missing)


def ticking(name: str) -> dict[str, Any]:
    """Return a rule with a new alert every two seconds, whose number is in its label `instance` and in its summary."""
    return {
        "alert": name,
        "expr": f'count_values("instance", floor(vector(time() / {TICK_SECONDS})))',
        "labels": {"severity": "warning", "namespace": "shop"},
        "annotations": {"summary": f"{name} tick-{{{{ $labels.instance }}}}-end"},
    }


def heartbeat(**labels: str) -> dict[str, Any]:
    return {"alert": "Watchdog", "expr": "vector(1)", "labels": {"severity": "none", **labels}}


@contextlib.contextmanager
def running(
    folder: Path, to: Alertmanager, rules: list[dict[str, Any]], labels: Mapping[str, str], **more: Any
) -> Iterator[str]:
    """Run a Prometheus that scrapes an Alertmanager and sends its alerts there."""
    folder.mkdir(exist_ok=True)
    targets = [{"targets": [to.address.removeprefix("http://")]}]
    configuration = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s", "external_labels": dict(labels)},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [{"job_name": "alertmanager", "static_configs": targets}],
        "alerting": {"alertmanagers": [{"static_configs": targets}]},
        **more,
    }
    (folder / CONFIGURATION).write_text(yaml.safe_dump(configuration))
    write_rules(folder, rules)
    with started(folder, "--web.enable-lifecycle", "--rules.alert.resend-delay=1s") as address:
        wait_until(lambda: bool(query(address, "up")), DELIVERED_WITHIN)
        yield address


def write_rules(folder: Path, rules: list[dict[str, Any]]) -> None:
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "migration", "rules": rules}]}))


def write_history(folder: Path, promtool: str) -> None:
    """Write an hour of samples, two hours old, as blocks of a Prometheus."""
    folder.mkdir(parents=True)
    start = int(time.time()) - HISTORY_SECONDS
    times = range(start, start + HOUR, 15)
    samples = [f'up{{job="node-exporter",instance="{node}"}} 1 {at}' for node in ("a", "b") for at in times]
    (folder / "history.txt").write_text("\n".join(["# TYPE up gauge", *samples, "# EOF", ""]))
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", "history.txt", "data"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def remote_read(address: str) -> list[dict[str, Any]]:
    """Return the configuration that the operator makes of the stack's setting, with the address of the process."""
    (spec,) = scale_out_fields(settings().prometheus, "prod")["remoteRead"]
    snake = {re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name): value for name, value in spec.items()}
    return [{**snake, "url": f"{address}/api/v1/read"}]


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory, promtool: str) -> Iterator[Stacks]:
    folder = tmp_path_factory.mktemp("migration")
    write_history(folder / "old-prometheus", promtool)
    old_labels = {"prometheus": f"{NAMESPACE}/{NAME}-prometheus", "prometheus_replica": f"{NAME}-prometheus-0"}
    new_labels = {"prometheus": "monitoring/prometheus", "prometheus_replica": "prometheus-0", **PROD.origin}
    with delivery_environment(PROD, folder) as environment, environment.mail(), contextlib.ExitStack() as processes:
        run = processes.enter_context
        old_configuration = {
            "route": {
                "receiver": "null",
                "group_by": ["alertname", "instance"],
                "group_wait": SHORT,
                "routes": [{"receiver": "pager", "matchers": ['alertname!="Watchdog"']}],
            },
            "receivers": [{"name": "null"}, {"name": "pager", "slack_configs": [slack(environment.services)]}],
        }
        old = run(alertmanager(folder / "old-alertmanager", old_configuration))
        new = run(alertmanager(folder / "new-alertmanager", environment.configuration))
        old_rules = [heartbeat(), ticking(PROBE), ticking(UNSELECTED)]
        old_prometheus = run(running(folder / "old-prometheus", old, old_rules, old_labels))
        new_rules = [heartbeat(catalogue="bais"), ticking(PROBE)]
        source = remote_read(old_prometheus)
        new_prometheus = run(running(folder / "new-prometheus", new, new_rules, new_labels, remote_read=source))
        cluster = PreviousCluster()
        both = {"release": "kps", "monitoring/stack": "bais"}
        cluster.rules(
            rule("probe", "shop", alert(PROBE, "warning"), labels=both),
            rule("orders", "shop", alert(UNSELECTED, "warning"), labels={"release": "kps"}),
        )
        names = {f"{NAME}-prometheus": old_prometheus, f"{NAME}-alertmanager": old.address}
        names |= {"prometheus": new_prometheus, "alertmanager": new.address}
        cluster.addresses = {name: int(address.rpartition(":")[2]) for name, address in names.items()}
        old.silence("alertname", "TargetDown")
        stacks = Stacks(folder, cluster, old, new, old_prometheus, new_prometheus, environment.inbox, [])
        # Both notify before anything is handed over.
        wait_until(lambda: bool(stacks.ticks(OLD_CHANNEL) & stacks.ticks(NEW_CHANNEL)), DELIVERED_WITHIN)
        yield stacks


def slack(services: str) -> dict[str, Any]:
    return {
        "api_url": f"{services}/slack/search",
        "channel": OLD_CHANNEL,
        "title": "[FIRING]",
        "text": "{{ range .Alerts }}{{ .Annotations.summary }} {{ end }}",
    }


def states(report: Report) -> list[State]:
    return [step.state for step in report.steps]


def no_proof() -> str:
    pytest.fail("the pager was tested although it was proven before")


def test_a_report_changes_nothing_and_says_what_is_left(stacks: Stacks) -> None:
    report = stacks.run(apply=False, prove=no_proof)
    assert states(report) == [State.DONE, State.TODO, State.DONE, State.TODO, State.TODO]
    assert report.exit_code == 0
    assert stacks.new.silences() == []
    assert len(stacks.old.silences()) == 1
    assert "make adopt STACK=prod APPLY=yes" in stacks.lines[-1]
    texts = "\n".join(finding.text for finding in report.findings)
    assert re.search(r"-alertmanager: 1 running silence, \d+ firing alerts", texts)
    assert "active series, data since" in texts


def test_a_query_of_the_new_prometheus_answers_for_the_time_before_it(stacks: Stacks) -> None:
    label = f'prometheus="{NAMESPACE}/{NAME}-prometheus"'
    at = time.time() - HISTORY_SECONDS + HOUR / 2
    (found,) = query(stacks.new_prometheus, f"count(up{{{label}}} @ {at:.0f})")
    assert found["value"][1] == "2"
    # Rules name no such label, so nothing that is evaluated reads from the previous Prometheus.
    assert query(stacks.new_prometheus, f"up @ {at:.0f}") == []
    assert len(query(stacks.new_prometheus, "up")) == 1


def test_the_previous_stack_notifies_until_the_pager_is_proven(stacks: Stacks) -> None:
    report = stacks.run(apply=True, prove=lambda: "slack is missing")
    assert states(report) == [State.DONE, State.DONE, State.DONE, State.FAILED, State.TODO]
    assert report.exit_code == 1
    assert [each["createdBy"] for each in stacks.old.silences()] == ["test"]


def test_a_second_run_finishes_what_the_first_did_not(stacks: Stacks) -> None:
    report = stacks.run(apply=True, prove=stacks.page)
    assert states(report) == [State.DONE] * 5, stacks.lines
    assert report.exit_code == 0
    (copied,) = stacks.new.silences()
    assert "of old/kps-kube-prometheus-stack-alertmanager]" in copied["comment"]
    assert copied["matchers"][0]["value"] == "TargetDown"
    assert sorted(each["createdBy"] for each in stacks.old.silences()) == ["make adopt", "test"]


def test_a_third_run_changes_nothing_and_pages_no_one(stacks: Stacks) -> None:
    before = (stacks.old.silences(), stacks.new.silences())
    assert states(stacks.run(apply=True, prove=no_proof)) == [State.DONE] * 5
    assert (stacks.old.silences(), stacks.new.silences()) == before


def test_after_the_hand_over_each_alert_is_notified_by_exactly_one_stack(stacks: Stacks) -> None:
    # Alerts that were sent when the hand-over began arrive within the group wait.
    time.sleep(3 * TICK_SECONDS)
    first = now_tick()
    time.sleep(4 * TICK_SECONDS)
    assert stacks.ticks(OLD_CHANNEL) & set(range(first, now_tick() + 1)) == set()
    assert len(stacks.ticks(NEW_CHANNEL) & set(range(first, now_tick() + 1))) >= 2
    assert len(stacks.ticks(OLD_CHANNEL, UNSELECTED) & set(range(first, now_tick() + 1))) >= 2
    assert stacks.ticks(NEW_CHANNEL, UNSELECTED) == set()


def test_the_hand_over_is_taken_back_if_the_heartbeat_of_the_new_stack_is_gone(stacks: Stacks) -> None:
    folder = stacks.folder / "new-prometheus"
    write_rules(folder, [ticking(PROBE)])
    reload(stacks.new_prometheus)
    wait_until(lambda: "Watchdog" not in stacks.new.receivers(), DELIVERED_WITHIN)
    report = stacks.run(apply=True, prove=no_proof)
    assert report.steps[-1].state is State.FAILED
    assert "taken back" in report.steps[-1].text
    assert [each["createdBy"] for each in stacks.old.silences()] == ["test"]
    write_rules(folder, [heartbeat(catalogue="bais"), ticking(PROBE)])
    reload(stacks.new_prometheus)
    wait_until(lambda: "Watchdog" in stacks.new.receivers(), DELIVERED_WITHIN)
    assert states(stacks.run(apply=True, prove=stacks.page)) == [State.DONE] * 5


def test_a_rollback_makes_the_previous_stack_notify_again(stacks: Stacks) -> None:
    with stacks.migration() as migration:
        assert take_back(migration).text.startswith("the previous stack notifies again")
        assert take_back(migration).text == "nothing was handed over"
    first = now_tick()
    wait_until(lambda: max(stacks.ticks(OLD_CHANNEL)) > first, DELIVERED_WITHIN)
    assert max(stacks.ticks(OLD_CHANNEL)) > first


def test_in_every_two_seconds_of_all_this_at_least_one_stack_notified(stacks: Stacks) -> None:
    old, new = stacks.ticks(OLD_CHANNEL), stacks.ticks(NEW_CHANNEL)
    first = min(old & new)
    wait_until(lambda: max(stacks.ticks(NEW_CHANNEL)) >= now_tick() - 1, DELIVERED_WITHIN)
    last = min(max(stacks.ticks(OLD_CHANNEL)), max(stacks.ticks(NEW_CHANNEL)))
    delivered = stacks.ticks(OLD_CHANNEL) | stacks.ticks(NEW_CHANNEL)
    assert last - first > 10
    assert [tick for tick in range(first, last) if tick not in delivered] == []


def now_tick() -> int:
    return int(datetime.now(UTC).timestamp()) // TICK_SECONDS


def reload(address: str) -> None:
    with urlopen(Request(f"{address}/-/reload", method="POST"), timeout=10) as response:
        assert response.status == 200
