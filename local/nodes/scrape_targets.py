"""Scrape targets of the Prometheus on a real node."""

from __future__ import annotations

import ipaddress
import json
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from local.nodes.layout import SIMULATED_ADDRESS, SIMULATED_POD_RANGE

# Prometheus through the proxy of the API server.
PROMETHEUS_PROXY: Final = "/api/v1/namespaces/monitoring/services/prometheus-operated:9090/proxy"


class SupportsKubectl(Protocol):
    """A control plane with kubectl."""

    def kubectl(self, *arguments: str) -> str:
        """Run kubectl and return its output."""


@dataclass(frozen=True)
class Target:
    """One target of a scrape job."""

    job: str
    address: str
    healthy: bool
    error: str
    simulated: bool


def read_targets(control_plane: SupportsKubectl) -> list[Target]:
    """Return all active targets of one Prometheus replica."""
    return [_target(item) for item in query_prometheus(control_plane, "targets", state="active")["activeTargets"]]


def query_prometheus(control_plane: SupportsKubectl, path: str, **parameters: str) -> Any:
    """Return the data of a request to the HTTP API of one Prometheus replica."""
    query = urllib.parse.urlencode(parameters)
    return json.loads(control_plane.kubectl("get", "--raw", f"{PROMETHEUS_PROXY}/api/v1/{path}?{query}"))["data"]


def target_problems(targets: Iterable[Target]) -> list[str]:
    """Return one line per target that is down and not simulated."""
    return [
        f"{target.job} {target.address}: {target.error or 'not scraped yet'}"
        for target in targets
        if not target.healthy and not target.simulated
    ]


def _target(item: dict[str, Any]) -> Target:
    address = item["scrapeUrl"].split("/")[2]
    return Target(
        job=item["scrapePool"],
        address=address,
        healthy=item["health"] == "up",
        error=item["lastError"],
        simulated=_is_simulated(address.rpartition(":")[0]),
    )


def _is_simulated(host: str) -> bool:
    """Return whether a host is the simulated node or a pod on it."""
    pods = ipaddress.ip_network(SIMULATED_POD_RANGE, strict=False)
    try:
        return host == SIMULATED_ADDRESS or ipaddress.ip_address(host) in pods
    except ValueError:  # a host name
        return False
