"""Measurement of the scrape of kube-state-metrics in a cluster with many pods."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from local.prometheus import prometheus
from manifests.scrape_limits import FEATURES
from tools.checkout import Checkout
from tools.operator_output import prometheus_files
from tools.pod_scale.pods import create_pods, running_pods
from tools.proof.processes import kube_state_metrics
from tools.proof.scraping import Place, redirect_to_loopback, shorten_intervals

JOB: Final = "kube-state-metrics"
ALERT: Final = "PrometheusScrapeLimitNear"
# Parts of a limit at which the alert must fire, and must not yet.
NEAR: Final = 0.85
FAR: Final = 0.75
_RECORDED: Final = "job:scrape_limit_usage:ratio"
_SECONDS: Final = 300
_TARGET: Final = f'job="{JOB}", endpoint="http"'


class PodScaleError(Exception):
    """What was waited for did not happen."""


@dataclass(frozen=True)
class Measurement:
    """Figures of the scrape of kube-state-metrics.

    Attributes:
        pods: Running pods.
        up: Whether the scrape succeeds with the limits of the stack.
        samples: Samples of one scrape.
        body_bytes: Size of its body.
        scrape_seconds: Duration of the scrape.
        memory_bytes: Resident memory of kube-state-metrics.
        usage: Part of each limit that the stack's catalogue records, by limit.
        alert_far: Whether the alert fires at FAR of a limit of samples.
        alert_near: Whether the alert fires at NEAR of it.
        up_above: Whether a scrape above the limit succeeds.
    """

    pods: int
    up: bool
    samples: int
    body_bytes: int
    scrape_seconds: float
    memory_bytes: int
    usage: dict[str, float]
    alert_far: bool
    alert_near: bool
    up_above: bool


def measure(checkout: Checkout, folder: Path, pods: int) -> Measurement:
    """Create pods in the cluster of a deployed stack, and scrape the real kube-state-metrics with a real Prometheus.

    Its arguments, the scrape job and the rules are those of the stack.

    Raises:
        PodScaleError: a pod does not run or a scrape does not happen in time.
        PodCreationError: the API server refuses pods.
    """
    folder.mkdir(parents=True, exist_ok=True)
    create_pods(checkout.control_plane, pods)
    with kube_state_metrics(checkout, folder) as places:
        port = places[f"{JOB}/0"].port
        _wait(lambda: running_pods(_read(port)) >= pods, f"{pods} running pods")
        with _prometheus(checkout, folder / "own", places) as server:
            up = server.up()
            samples = int(server.value(f"scrape_samples_post_metric_relabeling{{{_TARGET}}}"))
            body = int(server.value(f"scrape_body_size_bytes{{{_TARGET}}}"))
            seconds = server.value(f"scrape_duration_seconds{{{_TARGET}}}")
            memory = int(server.value(f'process_resident_memory_bytes{{job="{JOB}"}}'))
            limit = int(server.value(f"scrape_sample_limit{{{_TARGET}}}"))
            usage = server.usage(0.99 * samples / limit)
        alerts = []
        for share in (FAR, NEAR):
            with _prometheus(checkout, folder / f"at-{share}", places, int(samples / share)) as server:
                alerts.append(server.fires(share))
        with _prometheus(checkout, folder / "above", places, samples - 1) as server:
            above = server.up()
    return Measurement(
        pods=pods,
        up=up,
        samples=samples,
        body_bytes=body,
        scrape_seconds=seconds,
        memory_bytes=memory,
        usage=usage,
        alert_far=alerts[0],
        alert_near=alerts[1],
        up_above=above,
    )


class _Prometheus:
    """A Prometheus on loopback that scrapes kube-state-metrics."""

    def __init__(self, address: str) -> None:
        self._address = f"{address}/api/v1/query"

    def up(self) -> bool:
        """Return whether the first finished scrape succeeded."""
        _wait(lambda: self._query(f"up{{{_TARGET}}}"), "a scrape of kube-state-metrics")
        return self.value(f"up{{{_TARGET}}}") == 1

    def usage(self, least: float) -> dict[str, float]:
        """Return the recorded use of each limit, once that of samples is at least `least`."""
        # The endpoint with its own few metrics may be scraped first.
        _wait(lambda: self._query(f'{_RECORDED}{{job="{JOB}", limit="samples"}} >= {least}'), "recorded use of limits")
        found = self._query(f'{_RECORDED}{{job="{JOB}"}}')
        return {each["metric"]["limit"]: float(each["value"][1]) for each in found}

    def fires(self, usage: float) -> bool:
        """Return whether the alert fires once this use of the limit of samples is recorded."""
        self.usage(usage * 0.99)
        # Of the evaluation after the one that recorded it.
        time.sleep(5)
        return bool(self._query(f'ALERTS{{alertname="{ALERT}", job="{JOB}", alertstate="firing"}}'))

    def value(self, expression: str) -> float:
        """Return the value of the only series.

        Raises:
            PodScaleError: there is none, or more than one.
        """
        found = self._query(expression)
        if len(found) != 1:
            raise PodScaleError(f"{expression}: found {len(found)} series; expected one")
        return float(found[0]["value"][1])

    def _query(self, expression: str) -> list[dict[str, Any]]:
        with urlopen(f"{self._address}?{urlencode({'query': expression})}", timeout=10) as response:
            found: list[dict[str, Any]] = json.load(response)["data"]["result"]
            return found


@contextlib.contextmanager
def _prometheus(
    checkout: Checkout, folder: Path, places: dict[str, Place], sample_limit: int | None = None
) -> Iterator[_Prometheus]:
    """Run Prometheus with the job and the rules of the stack, or with another limit of samples."""
    folder.mkdir()
    path, rules = prometheus_files(checkout.control_plane, folder)
    (monitoring,) = (file for file in rules if "-alerts-monitoring-" in file.name)
    shorten_intervals(monitoring)
    nowhere = {"alertmanager/0": Place(9)}
    configuration = redirect_to_loopback(yaml.safe_load(path.read_text()), {**places, **nowhere})
    configuration["rule_files"] = [str(monitoring)]
    # The alerts are read from Prometheus itself.
    configuration["alerting"] = {}
    # A scrape of 10,000 pods takes longer than the interval for tests.
    configuration["global"] |= {"scrape_interval": "10s"}
    for job in configuration["scrape_configs"]:
        job["scrape_timeout"] = "10s"
        job |= {"sample_limit": sample_limit} if sample_limit and job["job_name"].endswith("/0") else {}
    path.write_text(yaml.safe_dump(configuration))
    with prometheus(folder, f"--enable-feature={','.join(FEATURES)}") as address:
        yield _Prometheus(address)


def _read(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
        page: bytes = response.read()
    return page.decode()


def _wait(condition: Any, description: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise PodScaleError(f"no {description} after {_SECONDS} s")
        time.sleep(1)
