"""Run of a drill scenario with a real Prometheus and a real Alertmanager."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from catalogue.platform import EXCLUDED_DAY
from common.durations import parse_duration
from local.demo.fake_receivers import SWITCH, Inbox
from synthetic import targets
from synthetic.scenarios import Scenario
from synthetic.server import TARGETS, serve
from synthetic.world import World
from tools.delivery.alertmanager import Alertmanager, Configuration, wait_until, without_quiet_hours
from tools.delivery.expectations import expected
from tools.delivery.stacks import Stack, delivering
from tools.drill.outcome import AlertResult, Outcome
from tools.drill.prometheus import prometheus
from tools.drill.scaling import scale_group, scale_routes

WATCHDOG: Final = "Watchdog"
# Unscaled seconds of health before a scenario, so that every window of minutes is filled.
HEALTHY: Final = 15 * 60
# The same at normal speed, where the scenario needs no filled windows.
HEALTHY_UNSCALED: Final = 90
# Timeout for the first scrapes and messages.
START_SECONDS: Final = 20
# Additional time after a scenario for the last messages.
SETTLE_SECONDS: Final = 1.0
# Interval between checks for new messages.
POLL_SECONDS: Final = 0.1


@dataclass
class _Observations:
    """Observations during a scenario.

    Attributes:
        started: Start of the scenario on the monotonic clock.
        arrivals: Time of the first message by mark and address, in seconds since the start.
        labels: Labels by alert.
        muted_by: Inhibiting alerts by alert.
    """

    started: float
    arrivals: dict[str, dict[str, float]] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    muted_by: dict[str, set[str]] = field(default_factory=dict)

    def update(self, inbox: Inbox, alertmanager: Alertmanager) -> None:
        for message in inbox.messages.copy():
            for mark in () if message.resolved else message.marks:
                self.arrivals.setdefault(mark, {}).setdefault(message.address, message.at - self.started)
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
    """Run a scenario and return its outcome.

    Args:
        scenario: Failure scenario.
        stack: Stack whose rules and routes are tested.
        folder: Empty folder for files and logs.
        speed: Factor for the speed of the platform, the rules and the routes.
        report: Receives progress messages.
    """
    world = World(targets.load(), speed=speed)
    groups = [scale_group(group, speed) for group in drill_rules(stack.groups)]
    for name in ("alertmanager", "prometheus"):
        (folder / name).mkdir(parents=True)
    with (
        serve(world) as platform,
        delivering(stack, folder / "alertmanager", lambda configuration: drill_routes(configuration, speed)) as (
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
        # Before the first scrapes, absence alerts fire.
        wait_until(lambda: set(alertmanager.receivers()) == {WATCHDOG}, START_SECONDS)
        wait_until(lambda: _heartbeat_received(inbox), START_SECONDS)
        heartbeat = _heartbeat_received(inbox)
        inbox.clear()
        healthy = _Observations(time.monotonic())
        _watch(healthy, inbox, alertmanager, HEALTHY / speed if speed > 1 else HEALTHY_UNSCALED, "healthy", report)
        inbox.clear()
        seen = _Observations(time.monotonic())
        duration = world.start(scenario)
        _watch(seen, inbox, alertmanager, duration + SETTLE_SECONDS, scenario.name, report)
        problems = [*running.problems(), *inbox.refused]
        if not heartbeat:
            problems.append("the dead man's switch received no Watchdog before the scenario")
        return _outcome(scenario, stack, speed, healthy, seen, problems, tuple(inbox.messages))


def drill_routes(configuration: Configuration, speed: float) -> Configuration:
    """Return the configuration that the drill runs: faster, and the same at every time and day."""
    return scale_routes(without_quiet_hours(configuration), speed)


def drill_rules(groups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rules that the drill runs: recognisable in messages, and the same on excluded days of the stack."""
    every_day = [
        {**group, "rules": [rule for rule in group["rules"] if rule.get("record") != EXCLUDED_DAY]} for group in groups
    ]
    return _with_marks(every_day)


def _watch(
    seen: _Observations,
    inbox: Inbox,
    alertmanager: Alertmanager,
    seconds: float,
    phase: str,
    report: Callable[[str], None],
) -> None:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        seen.update(inbox, alertmanager)
        report(f"{phase}: {left:.0f} s left, {len(inbox.messages)} messages")
        time.sleep(POLL_SECONDS)
    seen.update(inbox, alertmanager)


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
    def result(name: str, arrivals: Mapping[str, float], expected_at: set[str]) -> AlertResult:
        muted_by = tuple(sorted(seen.muted_by.get(name, ())))
        severity = stack.rules[name]["labels"]["severity"]
        return AlertResult(
            name, severity, frozenset(expected_at), arrivals, muted_by, minimum_delay(stack, name, speed)
        )

    # Some labels, such as `slo`, come from the series.
    labels = {name: {**stack.rules[name]["labels"], **seen.labels.get(name, {})} for name in scenario.expects}
    expectation = {name: expected(stack.name, each) for name, each in labels.items()}
    others = (set(seen.labels) | set(healthy.labels)) - {WATCHDOG, *scenario.expects}
    early = set(healthy.labels) & set(scenario.expects)
    return Outcome(
        scenario.name,
        scenario.summary,
        speed,
        tuple(result(name, seen.arrivals.get(name, {}), addresses) for name, addresses in expectation.items()),
        tuple(
            result(name, seen.arrivals.get(name, {}) | healthy.arrivals.get(name, {}), set())
            for name in sorted(others | early)
        ),
        tuple(problems),
        messages,
    )


def minimum_delay(stack: Stack, name: str, speed: float) -> float:
    """Return the shortest possible delay of a notification, in real seconds.

    It is the sum of the alert duration, a scrape, an evaluation and the group wait.
    """
    rule, root = stack.rules[name], stack.configuration["route"]
    matchers = [f'severity="{rule["labels"]["severity"]}"']
    waits = [route["group_wait"] for route in root["routes"] if route["matchers"] == matchers and "group_wait" in route]
    (group,) = [group for group in stack.groups if any(each.get("alert") == name for each in group["rules"])]
    evaluation = parse_duration(group["interval"]) if "interval" in group else stack.scrape_interval
    wait = parse_duration(waits[0] if waits else root["group_wait"])
    return (parse_duration(rule.get("for", "0s")) + stack.scrape_interval + evaluation + wait) / speed


def _with_marks(groups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the groups with a mark in every alert, by which messages are recognised."""
    return [{**group, "rules": [_with_mark(rule) for rule in group["rules"]]} for group in groups]


def _with_mark(rule: Mapping[str, Any]) -> dict[str, Any]:
    if "alert" not in rule:
        return dict(rule)
    annotations = {**rule["annotations"], "summary": f"{rule['annotations']['summary']} mark-{rule['alert']}-end"}
    return {**rule, "annotations": annotations}
