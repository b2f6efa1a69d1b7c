"""On the demo platform things go wrong for real: who is told of it, and told when it is over.

All of it happens at once, because what takes long is to wait. Times are cut in a copy of the project: how long an
alert is pending and how often is scraped by the stack's own settings; in the program how long messages are gathered,
and the window of the one rule that remembers a crash for minutes.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from local.demo.platform import Demo
from local.demo.received import Received, read
from local.demo.sinks import SWITCH
from local.node.possible import hindrance
from local.node.targets import faults, read_targets
from tests.cluster.causes import CAUSES, Cause
from tests.engine.checkout import Checkout
from tests.proof.databases import missing

TOLD_WITHIN: Final = 120.0
# Twice what the kubelet takes at most from one look at a pod's Secrets to the next.
ROTATED_WITHIN: Final = 20.0
ROTATED: Final = "https://slack.receivers.svc/slack/critical?rotated"
PODS: Final = ("get", "pods", "--namespace=monitoring", "--selector=app.kubernetes.io/name=alertmanager")
# Of the copy: file, what stands there, and what shall.
SHORTENED: Final = (
    ("components/routing.py", r'"group_wait": "30s"', '"group_wait": "1s"'),
    ("components/routing.py", r'"group_interval": "5m"', '"group_interval": "5s"'),
    ("rules/kubernetes.yaml", r'(reason="CrashLoopBackOff"\}\[)5m', r"\g<1>30s"),
)


@dataclass(frozen=True)
class Events:
    """What became of everything that went wrong: what was received until all was told, and from then on."""

    up: str
    targets: tuple[str, ...]
    before: list[Received]
    after: list[Received]
    pods_before: str
    pods_after: str

    def told(self, cause: Cause, *, resolved: bool) -> set[str]:
        """The addresses that were told that it began, or that it is over."""
        return {each.address for each in (*self.before, *self.after) if is_news(each, cause, resolved=resolved)}


def is_news(message: Received, cause: Cause, *, resolved: bool) -> bool:
    """Whether a message says that something began, or that it is over."""
    return message.resolved == resolved and bool(re.search(rf"\b{cause.alert} {cause.service}\b", message.title))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    folder = tmp_path_factory.mktemp("demo")
    if reason := hindrance(folder / "trial"):
        pytest.skip(f"no real node can be had here: {reason}")
    if lacking := missing():
        pytest.skip(f"no demo platform can be had here: {', '.join(lacking.values())}")
    checkout = Checkout(folder / "checkout")
    shorten(checkout.folder)
    yield checkout
    assert checkout.run("down").returncode == 0
    assert checkout.control_plane.processes() == {}
    assert demo_of(checkout).stop() == []


@pytest.fixture(scope="module")
def events(checkout: Checkout) -> Events:
    result = checkout.run("up", "--node", "real", "--demo", "yes", timeout=400)
    assert result.returncode == 0, result.stdout
    demo = demo_of(checkout)
    targets = read_targets(checkout.control_plane)
    pods = identities(demo)
    with contextlib.ExitStack() as happening:
        for cause in CAUSES:
            happening.enter_context(cause.happening(demo))
        await_news(demo, resolved=False)
        before = read(demo.state)
        rotate(demo)
    await_news(demo, resolved=True)
    return Events(
        up=result.stdout,
        targets=tuple(faults(targets)) or (() if targets else ("there is none",)),
        before=before,
        after=read(demo.state)[len(before) :],
        pods_before=pods,
        pods_after=identities(demo),
    )


def shorten(folder: Path) -> None:
    for name, stands, shall in SHORTENED:
        file = folder / name
        text, count = re.subn(stands, shall, file.read_text())
        assert count, f"{name} has no {stands}"
        file.write_text(text)
    file = folder / "local" / "demo" / "settings.yaml"
    settings: dict[str, Any] = yaml.safe_load(file.read_text())
    settings["monitoring:prometheus"] |= {"scrapeInterval": "5s", "evaluationInterval": "5s"}
    settings["monitoring:alerts"] = {"overrides": {cause.alert: {"for": "5s"} for cause in CAUSES}}
    file.write_text(yaml.safe_dump(settings))


def demo_of(checkout: Checkout) -> Demo:
    return Demo(checkout.control_plane, checkout.folder / "Pulumi.local.yaml")


def await_news(demo: Demo, *, resolved: bool) -> None:
    """Wait until all is told, or time is up: what is missing, tests tell by name."""

    def is_told() -> bool:
        messages = read(demo.state)
        return all(
            cause.addresses <= {each.address for each in messages if is_news(each, cause, resolved=resolved)}
            for cause in CAUSES
        )

    await_until(is_told)


def await_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TOLD_WITHIN
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.5)


def rotate(demo: Demo) -> None:
    """Give the stack another webhook of the critical channel, and time to have it."""
    value = base64.b64encode(ROTATED.encode()).decode()
    patch = json.dumps({"data": {"slack-critical-webhook-url": value}})
    demo.control_plane.kubectl("patch", "secret", "--namespace=monitoring", "alertmanager-tokens", f"--patch={patch}")
    time.sleep(ROTATED_WITHIN)


def identities(demo: Demo) -> str:
    """Each Alertmanager's pod, and how often its containers were started again."""
    listed: Mapping[str, Any] = json.loads(demo.control_plane.kubectl(*PODS, "--output=json"))
    return ", ".join(
        f"{pod['metadata']['uid']} {status['name']} {status['restartCount']}"
        for pod in listed["items"]
        for status in pod["status"]["containerStatuses"]
    )


def test_the_demo_platform_is_up_with_every_target(events: Events) -> None:
    assert events.targets == ()


def test_up_ends_with_the_demo_alert_delivered(events: Events) -> None:
    (line,) = (line for line in events.up.splitlines() if line.startswith("demo alert delivered"))
    assert "CertificateExpiryCritical at #bais-critical, PagerDuty, on-call@bais.example" in line


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_whoever_has_to_hear_of_it_is_told_and_nobody_else(cause: Cause, events: Events) -> None:
    assert events.told(cause, resolved=False) == cause.addresses


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_whoever_was_told_hears_that_it_is_over(cause: Cause, events: Events) -> None:
    assert events.told(cause, resolved=True) == cause.addresses


def test_the_dead_mans_switch_hears_the_watchdog(events: Events) -> None:
    assert {each.title for each in events.before if each.address == SWITCH} == {"Watchdog"}


def test_a_rotated_webhook_takes_effect_without_a_restart(events: Events) -> None:
    assert {each.path for each in events.before if each.address == "#bais-critical"} == {"/slack/critical"}
    resolved = {each.path for each in events.after if each.address == "#bais-critical" and each.resolved}
    assert resolved == {"/slack/critical?rotated"}
    assert events.pods_after == events.pods_before


def test_no_receiver_refuses_anything(events: Events) -> None:
    assert [each.title for each in (*events.before, *events.after) if not each.address] == []
