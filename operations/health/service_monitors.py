"""Checks of the monitors, whose objects any team creates: picked up, with targets, and not rejected."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from operations.health.model import Result, failed, ok, warning
from operations.health.plan import HealthPlan
from operations.health.reading import Reading

# Kinds of monitors: the plural in the API, and the start of the name of a scrape job.
MONITORS: Final = {"servicemonitors": "serviceMonitor", "podmonitors": "podMonitor", "probes": "probe"}


def monitors(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether every selected monitor is in Prometheus's configuration and has a target."""
    found = reading.object("monitors")
    answers = reading.prometheus.all()
    jobs = {job["job_name"] for answer in answers for job in _scrape_configs(answer.configuration)}
    with_targets = {target["scrapePool"] for answer in answers for target in answer.targets}
    missing, empty = [], []
    for monitor in found:
        for pool in _pools(monitor):
            if pool not in jobs:
                missing.append(pool)
            elif pool not in with_targets:
                empty.append(pool)
    own = {pool for pool in (*missing, *empty) if pool.split("/")[1] in plan.namespaces}
    value = f"{len(found)} monitors"
    problems = [f"{pool} is not in Prometheus's configuration" for pool in missing]
    problems += [f"{pool} has no target" for pool in empty]
    if own:
        name = sorted(own)[0]
        yield failed(
            f"{value}; {'; '.join(problems)}",
            f"compare labels and port names of the Service with the monitor: {plan.kubectl} describe "
            f"{name.partition('/')[0].lower()} {name.split('/')[2]}",
        )
    elif problems:
        yield warning(f"{value}; {'; '.join(problems)}", "send it to the team that owns the namespace of the monitor")
    else:
        yield ok(f"{value}, each with targets")


def rejections(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield the objects that the operator rejects."""
    found = reading.object("rejections")
    for rejection in found:
        value = f"{rejection.title}: {rejection.message}"
        if rejection.namespace in plan.namespaces:
            yield failed(value, "correct the object; until then it is without effect")
        else:
            yield warning(value, "send it to the team that owns the namespace; this stack is not affected")
    if not found:
        yield ok("0 rejected objects")


def _pools(monitor: Mapping[str, Any]) -> list[str]:
    """Return the names of the scrape jobs that the operator makes of a monitor."""
    spec, metadata = monitor["spec"], monitor["metadata"]
    start = f"{MONITORS[monitor['kind']]}/{metadata['namespace']}/{metadata['name']}"
    if monitor["kind"] == "probes":
        return [start]
    endpoints = spec.get("endpoints") or spec.get("podMetricsEndpoints") or ()
    return [f"{start}/{number}" for number in range(len(endpoints))]


def _scrape_configs(configuration: str) -> list[Mapping[str, Any]]:
    loaded = yaml.load(configuration, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return list((loaded or {}).get("scrape_configs") or ())
