"""A real Alertmanager with the configuration of a stack.

Only timings and addresses are changed.
"""

from __future__ import annotations

import contextlib
import copy
import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from local.demo.fake_receivers import MARK
from local.processes import free_ports
from local.tools.toolset import binary
from routing.templates import templates

START_SECONDS: Final = 20
EXTERNAL_URL: Final = "https://alertmanager.bais.example"
# Group wait and group interval, instead of 30 s to 1 day.
SHORT: Final = "500ms"
# Two group intervals, after which no further message arrives.
SETTLE_SECONDS: Final = 1
# A time interval that is never active.
PAST: Final = [{"years": ["1970"]}]
# Fields of a route that are shortened.
TIMES: Final = ("group_wait", "group_interval")

Configuration = dict[str, Any]


def shorten_timings(configuration: Configuration) -> Configuration:
    """Return the configuration with short timings and without quiet hours.

    Repeat intervals stay unchanged.
    """
    short = without_quiet_hours(configuration)
    for route in (short["route"], *short["route"]["routes"]):
        route.update({name: SHORT for name in TIMES if name in route})
    return short


def without_quiet_hours(configuration: Mapping[str, Any]) -> Configuration:
    """Return the configuration without quiet hours, so that a test has the same result at every time and day."""
    changed = copy.deepcopy(dict(configuration))
    for interval in changed.get("time_intervals", []):
        interval["time_intervals"] = PAST
    return changed


def redirect(configuration: Configuration, *, tokens: str, services: str, mail_server: str, ca: str) -> Configuration:
    """Return the configuration with local token files, and all receivers on loopback."""
    text = yaml.dump(configuration, Dumper=yaml.CSafeDumper).replace("/etc/alertmanager/secrets", tokens)
    local: Configuration = yaml.load(text, yaml.CSafeLoader)
    local["global"]["pagerduty_url"] = f"{services}/v2/enqueue"
    local["templates"] = ["*.tmpl"]
    for receiver in local["receivers"]:
        for config in receiver.get("slack_configs", []):
            if "app_token_file" in config:
                config["app_url"] = f"{services}/api/chat.postMessage"
        for config in receiver.get("email_configs", []):
            config |= {"smarthost": mail_server, "tls_config": {"ca_file": ca}}
    return local


class Alertmanager:
    """An Alertmanager on loopback; its files, log and data are in a folder."""

    def __init__(self, folder: Path, port: int, cluster: Sequence[str]) -> None:
        """Prepare an Alertmanager with these cluster options."""
        self.folder = folder
        self.address = f"http://127.0.0.1:{port}"
        self._options = [
            "--config.file=alertmanager.yaml",
            "--storage.path=data",
            f"--web.listen-address=127.0.0.1:{port}",
            f"--web.external-url={EXTERNAL_URL}",
            "--web.route-prefix=/",
            # As the stack runs it.
            "--enable-feature=receiver-name-in-metrics",
            *cluster,
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with (self.folder / "log").open("a") as log:
            command = [str(binary("alertmanager")), *self._options]
            process = self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        wait_until(lambda: self._ready() or process.poll() is not None, START_SECONDS)
        if not self._ready():
            pytest.fail(f"Alertmanager did not start; end of its log:\n{(self.folder / 'log').read_text()[-2000:]}")

    def end(self) -> None:
        """Terminate it as Kubernetes does, so that it saves its state."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def kill(self) -> None:
        """Kill it, as in a power failure."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _ready(self) -> bool:
        try:
            with urlopen(f"{self.address}/-/ready", timeout=1):
                return True
        except (URLError, TimeoutError):
            return False

    def change(self, edit: Callable[[Configuration], object]) -> None:
        """Change its configuration and reload it."""
        file = self.folder / "alertmanager.yaml"
        configuration = yaml.load(file.read_text(), yaml.CSafeLoader)
        edit(configuration)
        file.write_text(yaml.dump(configuration, Dumper=yaml.CSafeDumper, sort_keys=False))
        with urlopen(Request(f"{self.address}/-/reload", method="POST"), timeout=10) as response:
            assert response.status == 200

    def post(self, alerts: Sequence[Mapping[str, Any]], *, resolved: bool = False) -> datetime:
        """Post alerts as Prometheus does; return the start time of the alerts.

        An alert is a mapping with `labels` and `annotations`.
        """
        now = datetime.now(UTC)
        # An alert older than the group wait is notified at once, possibly before its inhibiting alert is known.
        start, end = (now - timedelta(seconds=1), now) if resolved else (now, now + timedelta(minutes=10))
        times = {"startsAt": start.isoformat(), "endsAt": end.isoformat()}
        body = json.dumps([{**alert, **times} for alert in alerts]).encode()
        request = Request(f"{self.address}/api/v2/alerts", body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=10) as response:
            assert response.status == 200
        return start

    def alerts(self) -> list[dict[str, Any]]:
        """Return all alerts, including muted ones."""
        with urlopen(f"{self.address}/api/v2/alerts", timeout=10) as response:
            alerts: list[dict[str, Any]] = json.load(response)
        return alerts

    def receivers(self) -> dict[str, set[str]]:
        """Return the names of the receivers of each alert, by alert name."""
        return {alert["labels"]["alertname"]: {one["name"] for one in alert["receivers"]} for alert in self.alerts()}

    def muted(self) -> set[str]:
        """Return the marks of the inhibited alerts."""
        summaries = [alert["annotations"]["summary"] for alert in self.alerts() if alert["status"]["inhibitedBy"]]
        return {mark for summary in summaries for mark in MARK.findall(summary)}

    def silences(self) -> list[dict[str, Any]]:
        """Return the active silences."""
        with urlopen(f"{self.address}/api/v2/silences", timeout=10) as response:
            return [silence for silence in json.load(response) if silence["status"]["state"] == "active"]

    def silence(self, label: str, value: str) -> None:
        """Silence alerts with this label for one hour."""
        matcher = {"name": label, "value": value, "isRegex": False, "isEqual": True}
        now = datetime.now(UTC)
        times = {"startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
        body = json.dumps({"matchers": [matcher], **times, "createdBy": "test", "comment": "test"}).encode()
        request = Request(f"{self.address}/api/v2/silences", body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=10) as response:
            assert response.status == 200

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of its own metric over all series with these labels."""
        with urlopen(f"{self.address}/metrics", timeout=10) as response:
            families = text_string_to_metric_families(response.read().decode())
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


@contextlib.contextmanager
def alertmanager(folder: Path, configuration: Configuration, *cluster: str) -> Iterator[Alertmanager]:
    """Run an Alertmanager, without a cluster if no cluster options are given."""
    folder.mkdir(exist_ok=True)
    (folder / "alertmanager.yaml").write_text(yaml.dump(configuration, Dumper=yaml.CSafeDumper, sort_keys=False))
    for name, text in templates().items():
        (folder / name).write_text(text)
    running = Alertmanager(folder, free_ports(1)[0], cluster or ["--cluster.listen-address="])
    try:
        running.start()
        yield running
    finally:
        running.kill()


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait until a condition holds, at most `seconds`.

    Callers must check the condition afterwards.
    """
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
