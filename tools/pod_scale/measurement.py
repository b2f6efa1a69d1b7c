"""Measurement of the scrape of kube-state-metrics in a cluster with many pods."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
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
from tools.proof.scraping import Place, redirect_to_loopback, short_job_name, shorten_intervals

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
    # A scrape of 10,000 pods takes seconds.
    interval = f"{max(2, pods // 1000)}s"
    with kube_state_metrics(checkout, folder) as places:
        port = places[f"{JOB}/0"].port
        _wait(lambda: running_pods(_read(port)) >= pods, f"{pods} running pods")
        with _prometheus(checkout, folder / "own", places, interval) as server:
            up = server.up(JOB)
            samples = int(server.value(f"scrape_samples_post_metric_relabeling{{{_TARGET}}}"))
            body = int(server.value(f"scrape_body_size_bytes{{{_TARGET}}}"))
            seconds = server.value(f"scrape_duration_seconds{{{_TARGET}}}")
            memory = int(server.value(f'process_resident_memory_bytes{{job="{JOB}"}}'))
            limit = int(server.value(f"scrape_sample_limit{{{_TARGET}}}"))
            usage = server.usage(JOB, 0.99 * samples / limit)
        limits = {"far": int(samples / FAR), "near": int(samples / NEAR), "above": samples - 1}
        with _prometheus(checkout, folder / "other", places, interval, limits) as server:
            alert_far, alert_near = server.fires("far", FAR), server.fires("near", NEAR)
            above = server.up("above")
    return Measurement(
        pods=pods,
        up=up,
        samples=samples,
        body_bytes=body,
        scrape_seconds=seconds,
        memory_bytes=memory,
        usage=usage,
        alert_far=alert_far,
        alert_near=alert_near,
        up_above=above,
    )


class _Prometheus:
    """A Prometheus on loopback that scrapes kube-state-metrics."""

    def __init__(self, address: str) -> None:
        self._address = f"{address}/api/v1/query"

    def up(self, job: str) -> bool:
        """Return whether the first finished scrape of a job succeeded."""
        return self.value(f'up{{job="{job}", endpoint="http"}}') == 1

    def usage(self, job: str, least: float) -> dict[str, float]:
        """Return the recorded use of each limit, once that of samples is at least `least`."""
        # The endpoint with its own few metrics may be scraped first.
        _wait(lambda: self._query(f'{_RECORDED}{{job="{job}", limit="samples"}} >= {least}'), "recorded use of limits")
        found = self._query(f'{_RECORDED}{{job="{job}"}}')
        return {each["metric"]["limit"]: float(each["value"][1]) for each in found}

    def fires(self, job: str, usage: float) -> bool:
        """Return whether the alert fires once this use of the limit of samples is recorded."""
        self.usage(job, usage * 0.99)
        # Of the evaluation after the one that recorded it.
        time.sleep(5)
        return bool(self._query(f'ALERTS{{alertname="{ALERT}", job="{job}", alertstate="firing"}}'))

    def value(self, expression: str) -> float:
        """Return the value of the only series, once there is one.

        Raises:
            PodScaleError: there is none in time, or more than one.
        """
        _wait(lambda: self._query(expression), f"series {expression}")
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
    checkout: Checkout, folder: Path, places: dict[str, Place], interval: str, limits: Mapping[str, int] | None = None
) -> Iterator[_Prometheus]:
    """Run Prometheus with the jobs and the rules of the stack.

    With `limits`, it has instead a copy of the job of the objects for each of them, of that name and limit of samples.
    """
    folder.mkdir()
    path, rules = prometheus_files(checkout.control_plane, folder)
    (monitoring,) = (file for file in rules if "-alerts-monitoring-" in file.name)
    shorten_intervals(monitoring)
    nowhere = {"alertmanager/0": Place(9)}
    configuration = redirect_to_loopback(yaml.safe_load(path.read_text()), {**places, **nowhere})
    configuration["rule_files"] = [str(monitoring)]
    # The alerts are read from Prometheus itself.
    configuration["alerting"] = {}
    configuration["global"] |= {"scrape_interval": interval, "scrape_timeout": interval}
    if limits:
        (objects,) = (job for job in configuration["scrape_configs"] if short_job_name(job) == f"{JOB}/0")
        configuration["scrape_configs"] = [_with_limit(objects, name, limit) for name, limit in limits.items()]
    path.write_text(yaml.safe_dump(configuration))
    with prometheus(folder, f"--enable-feature={','.join(FEATURES)}") as address:
        yield _Prometheus(address)


def _with_limit(job: Mapping[str, Any], name: str, sample_limit: int) -> dict[str, Any]:
    relabeling = {"target_label": "job", "replacement": name}
    relabelings = [*job["relabel_configs"], relabeling]
    return {**job, "job_name": name, "sample_limit": sample_limit, "relabel_configs": relabelings}


def _read(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
        page: bytes = response.read()
    return page.decode()


def _wait(condition: Callable[[], object], description: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise PodScaleError(f"no {description} after {_SECONDS} s")
        time.sleep(1)
