"""What the pods of the previous stack answer: oldest sample, running silences, firing alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from common.words import counted
from operations.adopt.migration import Migration
from operations.adopt.model import Finding, Outcome
from operations.adopt.servers import Server, ServerError, send
from operations.adopt.silences import PATH, existing_hand_over, running
from verification.alertmanager import metric_value


def running_findings(migration: Migration) -> Iterator[Finding]:
    """Yield what each pod answers; what cannot be read is unknown."""
    for _, server in migration.previous_prometheuses:
        yield _finding("prometheus", server, _samples)
    for server in migration.previous_alertmanagers:
        yield _finding("alertmanager", server, _silences)


def oldest_sample(address: str) -> float:
    """Return the Unix time of the oldest sample of a Prometheus; 0 without samples.

    Raises:
        ServerError: it does not answer.
    """
    return _oldest(send(address, "/metrics"))


def _oldest(metrics: str) -> float:
    return metric_value(metrics, "prometheus_tsdb_lowest_timestamp_seconds") or 0.0


def utc(time: float) -> str:
    """Return a Unix time as text."""
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _finding(section: str, server: Server, read: Callable[[Server], str]) -> Finding:
    try:
        return Finding(section=section, outcome=Outcome.KEPT, text=f"{server.name}: {read(server)}")
    except ServerError as error:
        return Finding(section=section, outcome=Outcome.UNKNOWN, text=f"{server.name}: {error}")


def _samples(server: Server) -> str:
    metrics = send(server.reachable()[0], "/metrics")
    series = metric_value(metrics, "prometheus_tsdb_head_series") or 0
    return f"{series:,.0f} active series, data since {utc(_oldest(metrics))}"


def _silences(server: Server) -> str:
    silences = server.first(PATH)
    alerts = server.first("/api/v2/alerts", active="true", silenced="false", inhibited="false")
    muted = ", muted by a hand-over" if existing_hand_over(silences) else ""
    return f"{counted(len(running(silences)), 'running silence')}, {counted(len(alerts), 'firing alert')}{muted}"
