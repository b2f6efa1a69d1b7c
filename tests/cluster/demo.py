"""A stack with the demo platform on a real node."""

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
    """A deployed stack with its demo platform and the time before its deployment."""

    demo: Demo
    since: datetime

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        """Run kubectl and return its output."""
        return self.demo.control_plane.kubectl(*arguments, text=text)

    def messages(self, since: datetime | None = None) -> list[LoggedMessage]:
        """Return all messages since a time, without those to the dead man's switch."""
        start = since or self.since
        found = [each for each in read_messages(self.demo.state) if datetime.fromisoformat(each.at) >= start]
        return [each for each in found if each.address != SWITCH]

    def notified(self, failure: Failure, *, resolved: bool, since: datetime | None = None) -> list[str]:
        """Return the sorted addresses of all messages about a failure."""
        return sorted(
            each.address
            for each in self.messages(since)
            if each.resolved == resolved and f"{failure.alert} {failure.service}" in each.title
        )

    def prometheus(self, replica: int, query: str, at: float) -> list[Any]:
        """Return the result of a query at a Unix time from one replica."""
        path = f"{_PODS}/prometheus-prometheus-{replica}:9090/proxy/api/v1/query?query={query}&time={at}"
        return list(json.loads(self.kubectl("get", "--raw", path))["data"]["result"])

    def amtool(self, *arguments: str) -> str:
        """Run amtool on the node and return its output."""
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

    def claims(self) -> Mapping[str, str]:
        """Return the uid of each volume claim."""
        listed = json.loads(self.kubectl("get", "persistentvolumeclaims", "--namespace=monitoring", "--output=json"))
        return {each["metadata"]["name"]: each["metadata"]["uid"] for each in listed["items"]}

    def loaded_rule(self, alert: str) -> str:
        """Return the expression of an alert that Prometheus has loaded."""
        rules = json.loads(
            self.kubectl("get", "--raw", f"{PROMETHEUS_PROXY}/api/v1/rules?type=alert&rule_name[]={alert}")
        )
        return str(rules["data"]["groups"][0]["rules"][0]["query"])

    def restarts(self, name: str) -> Mapping[str, tuple[str, int]]:
        """Return uid and number of restarts of the pods of a component."""
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
    """Return the current time in UTC, as in the message log and the audit log."""
    return datetime.now(UTC)


def wait_for_messages(
    stack: Stack, failures: Iterable[Failure], *, resolved: bool, since: datetime, timeout: float
) -> dict[str, list[str]]:
    """Wait until all failures are notified, and return the addresses by failure.

    The wait ends after `timeout` seconds, and a few seconds later than necessary to detect duplicates.
    """
    deadline = time.monotonic() + timeout
    failures = list(failures)
    while time.monotonic() < deadline:
        found = {failure.name: stack.notified(failure, resolved=resolved, since=since) for failure in failures}
        if all(set(found[failure.name]) >= failure.addresses for failure in failures):
            break
        time.sleep(1)
    time.sleep(5)  # duplicates and messages to other addresses arrive at about the same time
    return {failure.name: stack.notified(failure, resolved=resolved, since=since) for failure in failures}
