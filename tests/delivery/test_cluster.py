"""Three Alertmanagers that notify as one: while one dies, while none hears the others, and when they meet again."""

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
# Scaled down: a member waits so long for each before it, 15 s otherwise; gossips 5 times as often as it would, and
# looks after the others and for lost ones 5 and 10 times as often.
TURN_SECONDS: Final = 2
TIMES: Final = (
    f"--cluster.peer-timeout={TURN_SECONDS}s",
    "--cluster.gossip-interval=40ms",
    "--cluster.probe-interval=200ms",
    "--cluster.probe-timeout=100ms",
    "--cluster.pushpull-interval=2s",
    "--cluster.reconnect-interval=1s",
)
# Whose turn comes last has waited for all others; half a second for its group, and as much again.
LAST_TURN: Final = (MEMBERS - 1) * TURN_SECONDS + 1


@dataclass(frozen=True)
class Told:
    """How often each alert was told at each address, in all, and how many of these were too many or too few."""

    often: Mapping[tuple[str, str], int]
    wanted: frozenset[tuple[str, str]]

    @property
    def lost(self) -> set[tuple[str, str]]:
        return set(self.wanted - set(self.often))

    @property
    def astray(self) -> set[tuple[str, str]]:
        return set(self.often) - self.wanted

    @property
    def duplicates(self) -> int:
        return sum(count - 1 for count in self.often.values())


@dataclass(frozen=True)
class History:
    """What was told: by all three, by two while one was killed, by three alone, and after they met again."""

    whole: Told
    killed: Told
    parted: Told
    again: Told


class Cluster:
    """Members, the ways between them, and what they tell."""

    def __init__(self, members: list[Alertmanager], ways: list[Relay], inbox: Inbox) -> None:
        self.members, self.ways, self.inbox = members, ways, inbox

    def tell(self, alerts: list[dict[str, Any]], *, among: list[Alertmanager] | None = None) -> None:
        """As Prometheus does: each to every one, not to whichever a load balancer picks."""
        for member in among or self.members:
            member.post(alerts)

    def told(self, alerts: list[dict[str, Any]], *, copies: int = 1, wait: float = LAST_TURN) -> Told:
        """What was told of these when so many have come of each, and so many seconds are over."""
        wanted = frozenset(
            (alert["labels"]["alertname"], address) for alert in alerts for address in expected("prod", alert["labels"])
        )
        wait_until(lambda: all(self.counted()[each] >= copies for each in wanted), DELIVERED_WITHIN)
        time.sleep(wait)
        names = {alert["labels"]["alertname"] for alert in alerts}
        return Told({key: count for key, count in self.counted().items() if key[0] in names}, wanted)

    def counted(self) -> Counter[tuple[str, str]]:
        return Counter((name, address) for name, found in self.inbox.received().items() for address in found)

    def joined(self, count: int) -> bool:
        """Whether each member that answers sees so many."""
        try:
            return {member.metric("alertmanager_cluster_members") for member in self.members} == {count}
        except OSError:
            return False


@contextlib.contextmanager
def cluster(of: Stack, folder: Path) -> Iterator[Cluster]:
    ports = free_ports(2 * MEMBERS)
    own, advertised = ports[:MEMBERS], ports[MEMBERS:]
    with contextlib.ExitStack() as stack:
        around = stack.enter_context(delivery_environment(of, folder))
        stack.enter_context(around.mail())
        ways = [stack.enter_context(relay(port, target)) for port, target in zip(advertised, own, strict=True)]
        peers = [f"--cluster.peer=127.0.0.1:{port}" for port in advertised]
        members = [
            stack.enter_context(
                alertmanager(
                    folder / f"alertmanager-{number}",
                    around.configuration,
                    f"--cluster.listen-address=127.0.0.1:{port}",
                    f"--cluster.advertise-address=127.0.0.1:{way}",
                    *peers,
                    *TIMES,
                )
            )
            for number, (port, way) in enumerate(zip(own, advertised, strict=True))
        ]
        running = Cluster(members, ways, around.inbox)
        wait_until(lambda: running.joined(MEMBERS), JOINED_WITHIN)
        assert running.joined(MEMBERS)
        yield running


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    first, second, third = ([PROD.alert(name) for name in names] for names in (
        ("NodeDown", "PaymentFailureRateHigh"), ("ServiceDown", "BruteForceSuspected"), ("PostgresDown", "NodeCpuHigh"),
    ))  # fmt: skip
    with cluster(PROD, tmp_path_factory.mktemp("cluster")) as running:
        running.tell(first)
        whole = running.told(first)
        # While its group still waits: what it has been told of dies with it.
        running.tell(second)
        running.members[0].kill()
        killed = running.told(second, wait=1)
        running.members[0].start()
        wait_until(lambda: running.joined(MEMBERS), JOINED_WITHIN)
        for way in running.ways:
            way.cut()
        running.tell(third)
        parted = running.told(third, copies=MEMBERS, wait=1)
        for way in running.ways:
            way.mend()
        wait_until(lambda: running.joined(MEMBERS), JOINED_WITHIN)
        assert running.joined(MEMBERS)
        running.tell([*first, *second, *third])
        return History(whole, killed, parted, running.told([*first, *second, *third]))


def test_all_three_tell_once(history: History) -> None:
    assert (history.whole.lost, history.whole.astray, history.whole.duplicates) == (set(), set(), 0)


def test_nothing_is_lost_with_one_of_three(history: History, record_property: RecordProperty) -> None:
    record(record_property, history.killed)
    assert (history.killed.lost, history.killed.astray) == (set(), set())


def test_those_who_hear_nobody_each_tell_all(history: History, record_property: RecordProperty) -> None:
    record(record_property, history.parted)
    assert (history.parted.lost, history.parted.astray) == (set(), set())
    # Twice too often is what it costs that none is lost.
    assert history.parted.duplicates == (MEMBERS - 1) * len(history.parted.wanted)


def test_when_they_meet_again_nothing_is_told_anew(history: History) -> None:
    before = history.whole.duplicates + history.killed.duplicates + history.parted.duplicates
    assert history.again.lost == set()
    assert history.again.duplicates == before


def record(record_property: RecordProperty, told: Told) -> None:
    record_property("survived", (int(not told.lost), 1))
    record_property("lost", len(told.lost))
    record_property("duplicates", told.duplicates)
