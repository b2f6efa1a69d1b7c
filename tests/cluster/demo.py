"""A stack with the demo platform on a real node, and what its receivers were told."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from local.demo.fake_receivers import SWITCH
from local.demo.message_log import LoggedMessage, read_messages
from local.demo.platform import Demo
from local.nodes.layout import NodeLayout
from local.nodes.scrape_targets import PROMETHEUS_PROXY
from local.tools.toolset import binary
from tests.cluster.failure_injections import Failure

_PODS: Final = "/api/v1/namespaces/monitoring/pods"


@dataclass(frozen=True)
class Stack:
    """A deployed stack, its demo platform, and since when it is there."""

    demo: Demo
    since: datetime

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        """Ask the API server."""
        return self.demo.control_plane.kubectl(*arguments, text=text)

    def messages(self, since: datetime | None = None) -> list[LoggedMessage]:
        """All that came to people since a time."""
        start = since or self.since
        found = [each for each in read_messages(self.demo.state) if datetime.fromisoformat(each.at) >= start]
        return [each for each in found if each.address != SWITCH]

    def notified(self, failure: Failure, *, resolved: bool, since: datetime | None = None) -> list[str]:
        """The address of every message about a cause, sorted."""
        return sorted(
            each.address
            for each in self.messages(since)
            if each.resolved == resolved and f"{failure.alert} {failure.service}" in each.title
        )

    def prometheus(self, replica: int, query: str, at: float) -> list[Any]:
        """What one replica answers to a query at a time in seconds."""
        path = f"{_PODS}/prometheus-prometheus-{replica}:9090/proxy/api/v1/query?query={query}&time={at}"
        return list(json.loads(self.kubectl("get", "--raw", path))["data"]["result"])

    def amtool(self, *arguments: str) -> str:
        """What the stack's Alertmanager answers to its own client, asked from the node."""
        address = self.kubectl(
            "get", "service", "--namespace=monitoring", "alertmanager", "-o", "jsonpath={.spec.clusterIP}"
        )
        layout = NodeLayout(self.demo.control_plane.state)
        command = [
            *layout.nsenter("net"),
            str(binary("amtool")),
            f"--alertmanager.url=http://{address}:9093",
            *arguments,
        ]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()

    def loaded_rule(self, alert: str) -> str:
        """The expression of an alert as Prometheus has it loaded."""
        rules = json.loads(
            self.kubectl("get", "--raw", f"{PROMETHEUS_PROXY}/api/v1/rules?type=alert&rule_name[]={alert}")
        )
        return str(rules["data"]["groups"][0]["rules"][0]["query"])

    def restarts(self, name: str) -> Mapping[str, tuple[str, int]]:
        """The pods of a kind, such as alertmanager: the id of each, and how often its containers were restarted."""
        selector = f"--selector=app.kubernetes.io/name={name}"
        pods = json.loads(self.kubectl("get", "pods", "--namespace=monitoring", selector, "--output=json"))["items"]
        return {
            pod["metadata"]["name"]: (
                pod["metadata"]["uid"],
                sum(status["restartCount"] for status in pod["status"].get("containerStatuses", [])),
            )
            for pod in pods
        }


def now() -> datetime:
    """The time, as messages and the audit log have it."""
    return datetime.now(UTC)


def wait_for_messages(
    stack: Stack, failures: Iterable[Failure], *, resolved: bool, since: datetime, timeout: float
) -> dict[str, list[str]]:
    """Wait until each cause is told of, or told to be over, wherever it has to be, or time is up; and a moment more.

    Returns for each cause the address of every message.
    """
    deadline = time.monotonic() + timeout
    failures = list(failures)
    while time.monotonic() < deadline:
        found = {failure.name: stack.notified(failure, resolved=resolved, since=since) for failure in failures}
        if all(set(found[failure.name]) >= failure.addresses for failure in failures):
            break
        time.sleep(1)
    time.sleep(5)  # what is told twice, or to somebody else, comes at about the same time
    return {failure.name: stack.notified(failure, resolved=resolved, since=since) for failure in failures}
