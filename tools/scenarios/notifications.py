"""A real Alertmanager that gets the alerts of a scenario, faster than in reality, and the messages it sends."""

from __future__ import annotations

import contextlib
import copy
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

from common.durations import parse_duration
from tools.delivery.alertmanager import alertmanager
from tools.scenarios.evaluation import FiringAlert, Timeline

# Seconds of a scenario per second of real time.
SPEED: Final = 60.0
# Group intervals above this are daily summaries: what comes later in a scenario is in the next day's.
_SUMMARY: Final = 3600
_NEVER: Final = "1000h"
_TIMES: Final = ("group_wait", "group_interval")

Configuration = Mapping[str, Any]


@dataclass(frozen=True)
class Message:
    """A message of one channel of a receiver.

    Attributes:
        second: Time from the start of the scenario.
        receiver: Name of the receiver.
        channel: Kind of the channel and its number in the receiver, such as `slack 0`.
        group: Key of the group in Alertmanager.
        firing: Labels of the firing alerts in it.
        resolved: Labels of the resolved alerts in it.
    """

    second: float
    receiver: str
    channel: str
    group: str
    firing: tuple[Mapping[str, str], ...]
    resolved: tuple[Mapping[str, str], ...]


@dataclass
class _Clock:
    """Scenario time: it runs `SPEED` times as fast as real time, and skips what nothing happens in."""

    skipped: float
    started: float = field(default_factory=time.monotonic)

    def now(self) -> float:
        return self.skipped + (time.monotonic() - self.started) * SPEED


def deliver(
    timeline: Timeline, configuration: Configuration, external_labels: Mapping[str, str], folder: Path
) -> list[Message]:
    """Send the alerts of a scenario through Alertmanager and return every message.

    Receivers keep their names and their number of channels; each channel is replaced by a webhook on loopback.
    Repetitions are not sent, and times at which a route is muted do not apply.
    """
    changes = timeline.changes
    if not changes:
        return []
    settle = _longest_wait(configuration)
    clock = _Clock(changes[0][0])
    with _webhooks(clock) as (address, messages), alertmanager(folder, prepared(configuration, address)) as running:
        clock.started = time.monotonic()
        active: dict[frozenset[tuple[str, str]], tuple[datetime, FiringAlert]] = {}
        for moment, alerts in changes:
            wait = moment - clock.now()
            if wait > settle:
                time.sleep(settle / SPEED)
                clock.skipped += moment - clock.now()
            elif wait > 0:
                time.sleep(wait / SPEED)
            _post(running.address, active, alerts, external_labels)
        time.sleep(settle / SPEED)
        return list(messages)


def prepared(configuration: Configuration, address: str) -> dict[str, Any]:
    """Return the configuration with webhooks instead of channels, scaled times, and no times at which it is mute."""
    changed = copy.deepcopy(dict(configuration))
    changed["receivers"] = [_webhook_receiver(receiver, address) for receiver in changed["receivers"]]
    changed["templates"] = []
    changed["global"] = {"resolve_timeout": "5m"}
    changed.pop("time_intervals", None)
    changed.pop("mute_time_intervals", None)
    _scale(changed["route"], {"group_wait": "30s", "group_interval": "5m"})
    return changed


def _webhook_receiver(receiver: Mapping[str, Any], address: str) -> dict[str, Any]:
    webhooks = [
        {
            "url": f"{address}/{kind.removesuffix('_configs')} {number}".replace(" ", "%20"),
            "send_resolved": channel.get("send_resolved", kind not in ("slack_configs", "email_configs")),
            "max_alerts": 0,
        }
        for kind, channels in receiver.items()
        if kind != "name"
        for number, channel in enumerate(channels)
    ]
    return {"name": receiver["name"], **({"webhook_configs": webhooks} if webhooks else {})}


def _scale(route: dict[str, Any], inherited: Mapping[str, str]) -> None:
    times = {name: route.get(name, inherited[name]) for name in _TIMES}
    for name, value in times.items():
        seconds = parse_duration(value)
        route[name] = f"{round(seconds / SPEED * 1000)}ms" if seconds <= _SUMMARY else _NEVER
    route["repeat_interval"] = _NEVER
    for name in ("mute_time_intervals", "active_time_intervals"):
        route.pop(name, None)
    for child in route.get("routes", ()):
        _scale(child, times)


def _longest_wait(configuration: Configuration) -> float:
    """Return the seconds after which Alertmanager has sent whatever the last change caused."""
    waits = [parse_duration(value) for value in _durations(configuration["route"])]
    return max([each for each in waits if each <= _SUMMARY], default=300) * 1.3 + SPEED / 2


def _durations(route: Mapping[str, Any]) -> Iterator[str]:
    yield from (route[name] for name in _TIMES if name in route)
    for child in route.get("routes", ()):
        yield from _durations(child)


def _post(
    address: str,
    active: dict[frozenset[tuple[str, str]], tuple[datetime, FiringAlert]],
    alerts: Sequence[FiringAlert],
    external_labels: Mapping[str, str],
) -> None:
    """Tell Alertmanager what fires and what has ended."""
    now = datetime.now(UTC)
    firing = {alert.key: alert for alert in alerts}
    ended = {key: each for key, each in active.items() if key not in firing}
    for key, alert in firing.items():
        active[key] = (active[key][0] if key in active else now, alert)
    body = [_alert(*active[key], now + timedelta(hours=1), external_labels) for key in firing]
    body += [_alert(start, alert, now, external_labels) for start, alert in ended.values()]
    for key in ended:
        del active[key]
    request = Request(f"{address}/api/v2/alerts", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=10):
        pass


def _alert(start: datetime, alert: FiringAlert, end: datetime, external_labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "labels": {**external_labels, **alert.labels},
        "annotations": dict(alert.annotations),
        "startsAt": start.isoformat(),
        "endsAt": end.isoformat(),
    }


@contextlib.contextmanager
def _webhooks(clock: _Clock) -> Iterator[tuple[str, list[Message]]]:
    """Run the webhooks; yield their address and the messages that arrive."""
    messages: list[Message] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            labels = {
                status: tuple(alert["labels"] for alert in content["alerts"] if alert["status"] == status)
                for status in ("firing", "resolved")
            }
            messages.append(
                Message(
                    clock.now(),
                    content["receiver"],
                    self.path.strip("/").replace("%20", " "),
                    content["groupKey"],
                    labels["firing"],
                    labels["resolved"],
                )
            )
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", messages
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
