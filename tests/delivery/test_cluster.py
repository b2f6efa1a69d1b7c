"""A cluster of three Alertmanagers: healthy, degraded, partitioned, reunited."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from local.demo.fake_receivers import Inbox
from local.processes import free_ports
from tools.delivery.alertmanager import Alertmanager, alertmanager, wait_until
from tools.delivery.expectations import expected
from tools.delivery.figures import RecordProperty
from tools.delivery.relay import Relay, relay
from tools.delivery.stacks import Stack, delivery_environment, stack

PROD: Final = stack("prod")
MEMBERS: Final = 3
JOINED_WITHIN: Final = 30
DELIVERED_WITHIN: Final = 30
# Shorter than the defaults: a member waits this long per member before it (default 15 s), gossips 5 times as often,
# probes the others 5 times and reconnects 10 times as often.
TURN_SECONDS: Final = 2
TIMES: Final = (
    f"--cluster.peer-timeout={TURN_SECONDS}s",
    "--cluster.gossip-interval=40ms",
    "--cluster.probe-interval=200ms",
    "--cluster.probe-timeout=100ms",
    "--cluster.pushpull-interval=2s",
    "--cluster.reconnect-interval=1s",
)
# The last member waits for all others; 1 s for group wait and margin.
LAST_TURN: Final = (MEMBERS - 1) * TURN_SECONDS + 1


@dataclass(frozen=True)
class Delivered:
    """Number of messages by alert and address, and the expected pairs."""

    counts: Mapping[tuple[str, str], int]
    expected: frozenset[tuple[str, str]]

    @property
    def lost(self) -> set[tuple[str, str]]:
        return set(self.expected - set(self.counts))

    @property
    def misrouted(self) -> set[tuple[str, str]]:
        return set(self.counts) - self.expected

    @property
    def duplicates(self) -> int:
        return sum(count - 1 for count in self.counts.values())


@dataclass(frozen=True)
class History:
    """Messages of each phase of the cluster."""

    healthy: Delivered
    killed: Delivered
    partitioned: Delivered
    reunited: Delivered


class Cluster:
    """Members, the relays between them, and the inbox of their messages."""

    def __init__(self, members: list[Alertmanager], relays: list[Relay], inbox: Inbox) -> None:
        self.members, self.relays, self.inbox = members, relays, inbox

    def post(self, alerts: list[dict[str, Any]], *, among: list[Alertmanager] | None = None) -> None:
        """Post alerts to every member, as Prometheus does."""
        for member in among or self.members:
            member.post(alerts)

    def delivered(self, alerts: list[dict[str, Any]], *, copies: int = 1, wait: float = LAST_TURN) -> Delivered:
        """Wait for this many copies per alert and address, then `wait` seconds.

        Return the messages.
        """
        pairs = frozenset(
            (alert["labels"]["alertname"], address) for alert in alerts for address in expected("prod", alert["labels"])
        )
        wait_until(lambda: all(self.message_counts()[each] >= copies for each in pairs), DELIVERED_WITHIN)
        time.sleep(wait)
        names = {alert["labels"]["alertname"] for alert in alerts}
        return Delivered({key: count for key, count in self.message_counts().items() if key[0] in names}, pairs)

    def message_counts(self) -> Counter[tuple[str, str]]:
        return Counter((name, address) for name, addresses in self.inbox.received().items() for address in addresses)

    def has_members(self, count: int) -> bool:
        """Return whether every member sees this number of members."""
        try:
            return {member.metric("alertmanager_cluster_members") for member in self.members} == {count}
        except OSError:
            return False


@contextlib.contextmanager
def cluster(of: Stack, folder: Path) -> Iterator[Cluster]:
    ports = free_ports(2 * MEMBERS)
    own, advertised = ports[:MEMBERS], ports[MEMBERS:]
    with contextlib.ExitStack() as stack:
        environment = stack.enter_context(delivery_environment(of, folder))
        stack.enter_context(environment.mail())
        relays = [stack.enter_context(relay(port, target)) for port, target in zip(advertised, own, strict=True)]
        peers = [f"--cluster.peer=127.0.0.1:{port}" for port in advertised]
        members = [
            stack.enter_context(
                alertmanager(
                    folder / f"alertmanager-{number}",
                    environment.configuration,
                    f"--cluster.listen-address=127.0.0.1:{port}",
                    f"--cluster.advertise-address=127.0.0.1:{relayed}",
                    *peers,
                    *TIMES,
                )
            )
            for number, (port, relayed) in enumerate(zip(own, advertised, strict=True))
        ]
        running = Cluster(members, relays, environment.inbox)
        wait_until(lambda: running.has_members(MEMBERS), JOINED_WITHIN)
        assert running.has_members(MEMBERS)
        yield running


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    first, second, third = ([PROD.alert(name) for name in names] for names in (
        ("NodeDown", "PaymentFailureRateHigh"), ("ServiceDown", "BruteForceSuspected"), ("PostgresDown", "NodeCpuHigh"),
    ))  # fmt: skip
    with cluster(PROD, tmp_path_factory.mktemp("cluster")) as running:
        running.post(first)
        healthy = running.delivered(first)
        # Killed during the group wait: it loses the alerts that it has received.
        running.post(second)
        running.members[0].kill()
        killed = running.delivered(second, wait=1)
        running.members[0].start()
        wait_until(lambda: running.has_members(MEMBERS), JOINED_WITHIN)
        for each in running.relays:
            each.cut()
        running.post(third)
        partitioned = running.delivered(third, copies=MEMBERS, wait=1)
        for each in running.relays:
            each.restore()
        wait_until(lambda: running.has_members(MEMBERS), JOINED_WITHIN)
        assert running.has_members(MEMBERS)
        running.post([*first, *second, *third])
        return History(healthy, killed, partitioned, running.delivered([*first, *second, *third]))


def test_a_healthy_cluster_delivers_every_alert_once(history: History) -> None:
    assert (history.healthy.lost, history.healthy.misrouted, history.healthy.duplicates) == (set(), set(), 0)


def test_nothing_is_lost_if_one_of_three_members_is_killed(history: History, record_property: RecordProperty) -> None:
    record(record_property, history.killed)
    assert (history.killed.lost, history.killed.misrouted) == (set(), set())


def test_partitioned_members_each_send_every_alert(history: History, record_property: RecordProperty) -> None:
    record(record_property, history.partitioned)
    assert (history.partitioned.lost, history.partitioned.misrouted) == (set(), set())
    # Duplicates are the price for losing no message.
    assert history.partitioned.duplicates == (MEMBERS - 1) * len(history.partitioned.expected)


def test_a_reunited_cluster_sends_nothing_again(history: History) -> None:
    before = history.healthy.duplicates + history.killed.duplicates + history.partitioned.duplicates
    assert history.reunited.lost == set()
    assert history.reunited.duplicates == before


def record(record_property: RecordProperty, delivered: Delivered) -> None:
    record_property("survived", (int(not delivered.lost), 1))
    record_property("lost", len(delivered.lost))
    record_property("duplicates", delivered.duplicates)
