"""Play one scenario: the synthetic platform fails, and a stack's own rules and routes tell of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from common.durations import parse_duration
from local.demo.fake_receivers import SWITCH, Inbox
from synthetic import targets
from synthetic.scenarios import Scenario
from synthetic.server import TARGETS, serve
from synthetic.world import World
from tools.delivery.alertmanager import Alertmanager, wait_until
from tools.delivery.expectations import expected
from tools.delivery.stacks import Stack, delivering
from tools.drill.outcome import AlertResult, Outcome
from tools.drill.pace import scale_group, scale_routes
from tools.drill.prometheus import prometheus

WATCHDOG: Final = "Watchdog"
HEALTHY: Final = 15 * 60
"""Seconds of health before a scenario, unscaled: every window of an alert on minutes is full then."""
HEALTHY_UNSCALED: Final = 90
"""The same for a drill at the pace of the wall's clock, whose scenarios need no such window."""
START_SECONDS: Final = 20
"""How long the first scrapes and messages may take."""
SETTLE_SECONDS: Final = 1.0
POLL_SECONDS: Final = 0.1
"""Seconds between two looks at what has arrived."""


@dataclass
class _Observations:
    """What was seen while a scenario was played: when a mark first arrived at an address, and who muted whom."""

    began: float
    found: dict[str, dict[str, float]] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    muted_by: dict[str, set[str]] = field(default_factory=dict)

    def look(self, inbox: Inbox, alertmanager: Alertmanager) -> None:
        for message in inbox.messages.copy():
            for mark in () if message.resolved else message.marks:
                self.found.setdefault(mark, {}).setdefault(message.address, message.at - self.began)
        alerts = alertmanager.alerts()
        names = {alert["fingerprint"]: alert["labels"]["alertname"] for alert in alerts}
        for alert in alerts:
            name = alert["labels"]["alertname"]
            self.labels[name] = alert["labels"]
            if muting := {names.get(each, each) for each in alert["status"]["inhibitedBy"]}:
                self.muted_by.setdefault(name, set()).update(muting)


def run_scenario(
    scenario: Scenario, stack: Stack, folder: Path, *, speed: float, report: Callable[[str], None] = lambda _: None
) -> Outcome:
    """Play a scenario and return what was heard of it.

    Args:
        scenario: What goes wrong.
        stack: Whose rules and routes are tried.
        folder: An empty one, for files and logs.
        speed: How many times as fast as usual all goes; rules and routes are at that pace too.
        report: Told what is going on, for a person who waits.
    """
    world = World(targets.load(), speed=speed)
    groups = [scale_group(group, speed) for group in _with_marks(stack.groups)]
    for name in ("alertmanager", "prometheus"):
        (folder / name).mkdir(parents=True)
    with (
        serve(world) as platform,
        delivering(stack, folder / "alertmanager", lambda written: scale_routes(written, speed)) as (
            alertmanager,
            inbox,
        ),
        prometheus(
            folder / "prometheus",
            groups=groups,
            labels=stack.origin,
            targets=f"{platform}{TARGETS}",
            alertmanager=alertmanager.address.removeprefix("http://"),
            interval=stack.scrape_interval,
            speed=speed,
        ) as running,
    ):
        report("waiting for the first scrapes")
        wait_until(lambda: running.scraped() == len(world.targets), START_SECONDS)
        # Before them, what has to be there was absent.
        wait_until(lambda: set(alertmanager.receivers()) == {WATCHDOG}, START_SECONDS)
        wait_until(lambda: _heartbeat_received(inbox), START_SECONDS)
        switched = _heartbeat_received(inbox)
        inbox.clear()
        healthy = _Observations(time.monotonic())
        _watch(healthy, inbox, alertmanager, HEALTHY / speed if speed > 1 else HEALTHY_UNSCALED, "healthy", report)
        inbox.clear()
        seen = _Observations(time.monotonic())
        lasts = world.play(scenario)
        _watch(seen, inbox, alertmanager, lasts + SETTLE_SECONDS, scenario.name, report)
        problems = [*running.problems(), *inbox.refused]
        if not switched:
            problems.append("the dead man's switch heard of no Watchdog before the scenario")
        return _outcome(scenario, stack, speed, healthy, seen, problems, tuple(inbox.messages))


def _watch(
    seen: _Observations,
    inbox: Inbox,
    alertmanager: Alertmanager,
    seconds: float,
    what: str,
    report: Callable[[str], None],
) -> None:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        seen.look(inbox, alertmanager)
        report(f"{what}, {left:.0f} s left, {len(inbox.messages)} messages")
        time.sleep(POLL_SECONDS)
    seen.look(inbox, alertmanager)


def _heartbeat_received(inbox: Inbox) -> bool:
    return any(message.address == SWITCH and WATCHDOG in message.marks for message in inbox.messages.copy())


def _outcome(
    scenario: Scenario,
    stack: Stack,
    speed: float,
    healthy: _Observations,
    seen: _Observations,
    problems: list[str],
    messages: tuple[Any, ...],
) -> Outcome:
    def heard(name: str, found: Mapping[str, float], wanted: set[str]) -> AlertResult:
        muted_by = tuple(sorted(seen.muted_by.get(name, ())))
        severity = stack.rules[name]["labels"]["severity"]
        return AlertResult(name, severity, frozenset(wanted), found, muted_by, minimum_delay(stack, name, speed))

    # Some labels, as that of an objective, come with the series.
    labels = {name: {**stack.rules[name]["labels"], **seen.labels.get(name, {})} for name in scenario.expects}
    expectation = {name: expected(stack.name, each) for name, each in labels.items()}
    others = (set(seen.labels) | set(healthy.labels)) - {WATCHDOG, *scenario.expects}
    early = set(healthy.labels) & set(scenario.expects)
    return Outcome(
        scenario.name,
        scenario.summary,
        speed,
        tuple(heard(name, seen.found.get(name, {}), wanted) for name, wanted in expectation.items()),
        tuple(
            heard(name, seen.found.get(name, {}) | healthy.found.get(name, {}), set())
            for name in sorted(others | early)
        ),
        tuple(problems),
        messages,
    )


def minimum_delay(stack: Stack, name: str, speed: float) -> float:
    """Return the shortest possible wall-clock seconds from a fault that shows at once to its notification.

    Its duration, a scrape, an evaluation and the wait of its group.
    """
    rule, root = stack.rules[name], stack.configuration["route"]
    of_severity = [f'severity="{rule["labels"]["severity"]}"']
    waits = [
        route["group_wait"] for route in root["routes"] if route["matchers"] == of_severity and "group_wait" in route
    ]
    (group,) = [group for group in stack.groups if any(each.get("alert") == name for each in group["rules"])]
    evaluated = parse_duration(group["interval"]) if "interval" in group else stack.scrape_interval
    wait = parse_duration(waits[0] if waits else root["group_wait"])
    return (parse_duration(rule.get("for", "0s")) + stack.scrape_interval + evaluated + wait) / speed


def _with_marks(groups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same groups, whose alerts are found again in every message."""
    return [{**group, "rules": [_with_mark(rule) for rule in group["rules"]]} for group in groups]


def _with_mark(rule: Mapping[str, Any]) -> dict[str, Any]:
    if "alert" not in rule:
        return dict(rule)
    annotations = {**rule["annotations"], "summary": f"{rule['annotations']['summary']} mark-{rule['alert']}-end"}
    return {**rule, "annotations": annotations}
