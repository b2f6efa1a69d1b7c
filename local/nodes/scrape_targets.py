"""What the Prometheus of a real node scrapes, and whether it can."""

from __future__ import annotations

import ipaddress
import json
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from local.nodes.layout import SIMULATED_ADDRESS, SIMULATED_POD_RANGE

# The way to Prometheus through the API server.
PROMETHEUS_PROXY: Final = "/api/v1/namespaces/monitoring/services/prometheus-operated:9090/proxy"


class SupportsKubectl(Protocol):
    """A control plane that can be asked."""

    def kubectl(self, *arguments: str) -> str:
        """Run kubectl and return what it prints."""


@dataclass(frozen=True)
class Target:
    """One target of a scrape job."""

    job: str
    address: str
    healthy: bool
    error: str
    simulated: bool


def read_targets(control_plane: SupportsKubectl) -> list[Target]:
    """All targets as one Prometheus has them."""
    return [_target(item) for item in query_prometheus(control_plane, "targets", state="active")["activeTargets"]]


def query_prometheus(control_plane: SupportsKubectl, question: str, **parameters: str) -> Any:
    """What a Prometheus of the stack answers to a question of its HTTP API."""
    query = urllib.parse.urlencode(parameters)
    return json.loads(control_plane.kubectl("get", "--raw", f"{PROMETHEUS_PROXY}/api/v1/{question}?{query}"))["data"]


def target_problems(targets: Iterable[Target]) -> list[str]:
    """What is wrong with those that are not simulated, a line each."""
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
    """Whether a host is a simulated node, or a pod there."""
    pods = ipaddress.ip_network(SIMULATED_POD_RANGE, strict=False)
    try:
        return host == SIMULATED_ADDRESS or ipaddress.ip_address(host) in pods
    except ValueError:  # a name
        return False
