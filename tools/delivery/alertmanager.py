"""A real Alertmanager with a stack's own configuration, changed only in times and addresses."""

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
# In the place of half a minute to a day.
SHORT: Final = "500ms"
# In seconds: two more intervals of a group, so whatever was still to come has come.
SETTLED_AFTER: Final = 1
PAST: Final = [{"years": ["1970"]}]
TIMES: Final = ("group_wait", "group_interval")

Configuration = dict[str, Any]


def shorten_timings(configuration: Configuration) -> Configuration:
    """The same configuration with every wait and interval of a group cut to half a second, and quiet hours long past.

    Repetitions stay as they are.
    """
    short = copy.deepcopy(configuration)
    for route in (short["route"], *short["route"]["routes"]):
        route.update({name: SHORT for name in TIMES if name in route})
    for interval in short.get("time_intervals", []):
        interval["time_intervals"] = PAST
    return short


def redirect(configuration: Configuration, *, tokens: str, services: str, mail_server: str, ca: str) -> Configuration:
    """The same configuration with tokens read from a folder here, and all services and the mail server on loopback."""
    here: Configuration = yaml.safe_load(yaml.safe_dump(configuration).replace("/etc/alertmanager/secrets", tokens))
    here["global"]["pagerduty_url"] = f"{services}/v2/enqueue"
    here["templates"] = ["*.tmpl"]
    for receiver in here["receivers"]:
        for config in receiver.get("slack_configs", []):
            if "app_token_file" in config:
                config["app_url"] = f"{services}/api/chat.postMessage"
        for config in receiver.get("email_configs", []):
            config |= {"smarthost": mail_server, "tls_config": {"ca_file": ca}}
    return here


class Alertmanager:
    """One on loopback; its files, its log and what it remembers lie in a folder."""

    def __init__(self, folder: Path, port: int, cluster: Sequence[str]) -> None:
        """With these options of its cluster."""
        self.folder = folder
        self.address = f"http://127.0.0.1:{port}"
        self._options = [
            "--config.file=alertmanager.yaml",
            "--storage.path=data",
            f"--web.listen-address=127.0.0.1:{port}",
            f"--web.external-url={EXTERNAL_URL}",
            "--web.route-prefix=/",
            *cluster,
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.folder / "log").open("a") as log:
            command = [str(binary("alertmanager")), *self._options]
            process = self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        wait_until(lambda: self._ready() or process.poll() is not None, START_SECONDS)
        if not self._ready():
            pytest.fail(f"Alertmanager does not start:\n{(self.folder / 'log').read_text()[-2000:]}")

    def end(self) -> None:
        """End it as Kubernetes does, so that it writes down what it knows."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def kill(self) -> None:
        """End it as a power failure does."""
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
        """Change its configuration while it runs."""
        file = self.folder / "alertmanager.yaml"
        configuration = yaml.safe_load(file.read_text())
        edit(configuration)
        file.write_text(yaml.safe_dump(configuration, sort_keys=False))
        with urlopen(Request(f"{self.address}/-/reload", method="POST"), timeout=10) as answer:
            assert answer.status == 200

    def post(self, alerts: Sequence[Mapping[str, Any]], *, resolved: bool = False) -> datetime:
        """Tell it of alerts, each with `labels` and `annotations`, as Prometheus does; return since when they fire."""
        now = datetime.now(UTC)
        # One that began longer ago than its group waits would be told at once, perhaps before what mutes it is known.
        start, end = (now - timedelta(seconds=1), now) if resolved else (now, now + timedelta(minutes=10))
        times = {"startsAt": start.isoformat(), "endsAt": end.isoformat()}
        body = json.dumps([{**alert, **times} for alert in alerts]).encode()
        request = Request(f"{self.address}/api/v2/alerts", body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=10) as answer:
            assert answer.status == 200
        return start

    def alerts(self) -> list[dict[str, Any]]:
        """All that it knows of, muted ones included."""
        with urlopen(f"{self.address}/api/v2/alerts", timeout=10) as answer:
            alerts: list[dict[str, Any]] = json.load(answer)
        return alerts

    def receivers(self) -> dict[str, set[str]]:
        """The names of the receivers that it routes each alert to that it knows, by the alert's name."""
        return {alert["labels"]["alertname"]: {one["name"] for one in alert["receivers"]} for alert in self.alerts()}

    def muted(self) -> set[str]:
        """The marks of the alerts that others mute."""
        summaries = [alert["annotations"]["summary"] for alert in self.alerts() if alert["status"]["inhibitedBy"]]
        return {mark for summary in summaries for mark in MARK.findall(summary)}

    def silences(self) -> list[dict[str, Any]]:
        """The silences in force."""
        with urlopen(f"{self.address}/api/v2/silences", timeout=10) as answer:
            return [silence for silence in json.load(answer) if silence["status"]["state"] == "active"]

    def silence(self, label: str, value: str) -> None:
        """Silence alerts with this label for an hour."""
        matcher = {"name": label, "value": value, "isRegex": False, "isEqual": True}
        now = datetime.now(UTC)
        times = {"startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
        body = json.dumps({"matchers": [matcher], **times, "createdBy": "test", "comment": "test"}).encode()
        request = Request(f"{self.address}/api/v2/silences", body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=10) as answer:
            assert answer.status == 200

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's series with these labels, as it tells them of itself."""
        with urlopen(f"{self.address}/metrics", timeout=10) as answer:
            families = text_string_to_metric_families(answer.read().decode())
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


@contextlib.contextmanager
def alertmanager(folder: Path, configuration: Configuration, *cluster: str) -> Iterator[Alertmanager]:
    """Alertmanager while the context lasts; alone, if it is given no options of a cluster."""
    folder.mkdir(exist_ok=True)
    (folder / "alertmanager.yaml").write_text(yaml.safe_dump(configuration, sort_keys=False))
    for name, text in templates().items():
        (folder / name).write_text(text)
    running = Alertmanager(folder, free_ports(1)[0], cluster or ["--cluster.listen-address="])
    try:
        running.start()
        yield running
    finally:
        running.kill()


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait until a condition holds, or that many seconds; whoever asks looks again at what it wanted."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
