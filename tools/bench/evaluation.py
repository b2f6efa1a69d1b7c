"""Measurement of the evaluation time of rule groups in a real Prometheus."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

import yaml

from local.prometheus import CONFIGURATION
from tools.bench.filled import BenchError, filled, read_metric

# Period of the series before and after the current time.
HISTORY_SECONDS: Final = 1800
AHEAD_SECONDS: Final = 300
# Evaluation interval of all groups, instead of their own.
INTERVAL_SECONDS: Final = 15
# Number of evaluations of each group, of which the median counts.
EVALUATIONS: Final = 3


@dataclass(frozen=True)
class Measurement:
    """Evaluation time of a set of rules: the sum of the medians of all groups."""

    name: str
    groups: int
    rules: int
    series: int
    seconds: float
    slowest_group: str
    slowest_seconds: float
    memory_bytes: int


def measure(name: str, rules: Mapping[str, Mapping[str, Any]], count: int) -> Measurement:
    """Evaluate rule files in a Prometheus with `count` series over half an hour.

    Raises:
        BenchError: if Prometheus rejects the rules, or does not evaluate them in time.
    """
    with filled(count, HISTORY_SECONDS, AHEAD_SECONDS) as store:
        _load(store.folder, store.address, rules)
        times = _evaluation_times(store.address, sum(len(file["groups"]) for file in rules.values()))
        return Measurement(
            name=name,
            groups=len(times),
            rules=sum(len(group["rules"]) for file in rules.values() for group in file["groups"]),
            series=count,
            seconds=sum(times.values()),
            slowest_group=max(times, key=lambda group: times[group]),
            slowest_seconds=max(times.values()),
            memory_bytes=int(read_metric(store.address, "process_resident_memory_bytes")),
        )


def _load(folder: Path, address: str, rules: Mapping[str, Mapping[str, Any]]) -> None:
    for name, file in rules.items():
        groups = [{**group, "interval": f"{INTERVAL_SECONDS}s"} for group in file["groups"]]
        (folder / f"{name}.rules.yaml").write_text(yaml.safe_dump({"groups": groups}))
    (folder / CONFIGURATION).write_text("rule_files: ['*.rules.yaml']\n")
    try:
        with urlopen(Request(f"{address}/-/reload", b""), timeout=30):
            pass
    except OSError as error:
        log = (folder / "logs" / "prometheus.log").read_text(errors="replace").splitlines()
        raise BenchError(f"Prometheus rejects the rules: {error}\n" + "\n".join(log[-3:])) from None


def _evaluation_times(address: str, groups: int) -> dict[str, float]:
    """Return the median evaluation time of each group."""
    seen: dict[str, dict[str, float]] = {}
    deadline = time.monotonic() + INTERVAL_SECONDS * (EVALUATIONS + 2) + 60
    while len(seen) < groups or any(len(times) < EVALUATIONS for times in seen.values()):
        if time.monotonic() > deadline:
            raise BenchError(f"timeout: not all of {groups} groups were evaluated {EVALUATIONS} times")
        time.sleep(1)
        for group in _rule_groups(address):
            if group["evaluationTime"]:
                seen.setdefault(f"{Path(group['file']).name.removesuffix('.rules.yaml')}: {group['name']}", {})[
                    group["lastEvaluation"]
                ] = group["evaluationTime"]
    failed = [rule["name"] for group in _rule_groups(address) for rule in group["rules"] if rule["health"] == "err"]
    if failed:
        raise BenchError(f"rules with evaluation errors: {', '.join(failed)}")
    return {name: statistics.median(times.values()) for name, times in seen.items()}


def _rule_groups(address: str) -> Sequence[dict[str, Any]]:
    with urlopen(f"{address}/api/v1/rules", timeout=30) as response:
        found: Sequence[dict[str, Any]] = json.load(response)["data"]["groups"]
    return found
