"""Course of the rehearsal; every command is one that a person would run."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import yaml
from pulumi import automation

from common import ports
from local.control_plane.lifecycle import KubectlError
from local.demo.message_log import read_messages
from operations.adopt.servers import request
from tools.checkout import Checkout
from tools.migration.minutes import OLD_CHANNEL, Minute, minutes, probe_rule
from tools.neighbours import NAMESPACE, PROMETHEUS, RELEASE, install_kube_prometheus_stack
from verification.cluster import cluster_reader

_CONTEXT: Final = "bais-local"
_SHOP: Final = "shop"
_ALERTMANAGER: Final = "kube-prometheus-stack-alertmanager"
_SILENCED: Final = "TargetDown"
# Images that a real node here does not have: distroless variants, and Grafana, which cannot be built.
_IMAGES: Final[dict[str, Any]] = {
    "grafana": {"enabled": False},
    "prometheus": {"prometheusSpec": {"image": {"tag": "v3.14.0"}}},
    "prometheus-node-exporter": {"image": {"distroless": False}},
}
_READY_SECONDS: Final = 180
_ATTEMPTS: Final = 5
_PAUSE_SECONDS: Final = 20
# How long each state is watched, and the delay of a notification at most.
_WATCHED_SECONDS: Final = 125
_LATE_SECONDS: Final = 50


class RehearsalError(Exception):
    """The rehearsal cannot continue; the message says why."""


@dataclass
class Rehearsal:
    """A rehearsal on a real node.

    Attributes:
        checkout: Copy of the project with its own node.
        charts: Folder of real charts.
        say: Prints progress.
        facts: What was seen, in order.
        minutes: Each minute, and which stack has notified.
    """

    checkout: Checkout
    charts: Path
    say: Callable[[str], None]
    facts: dict[str, bool] = field(default_factory=dict)
    minutes: list[Minute] = field(default_factory=list)

    def run(self) -> None:
        """Install the previous stack, migrate, roll back, migrate again, and remove the previous stack.

        Raises:
            RehearsalError: a command failed.
            KubectlError: an object cannot be read or created.
        """
        os.environ |= self.checkout.deployment.environment()
        previous = self._install_previous()
        before = time.time()
        self._deploy_beside()
        self._migrate("first migration")
        self._compare(before)
        self._watch("only this stack notifies")
        self._adopt("--rollback")
        self._watch("both notify after the rollback")
        self._migrate("second migration")
        self._watch("only this stack notifies again")
        self.say(f"removing release {RELEASE}")
        previous.destroy()
        crds = self._kubectl("get", "crd", "prometheuses.monitoring.coreos.com", "--output=name")
        self.facts["the CRDs are still there without the release"] = bool(crds)
        self._watch("this stack notifies without the previous one")
        messages = read_messages(self.checkout.control_plane.demo)
        self.minutes = minutes(messages, datetime.now(UTC) - timedelta(seconds=_LATE_SECONDS))
        self.facts["at least one stack has notified in every minute"] = bool(self.minutes) and all(
            each.old or each.new for each in self.minutes
        )

    def _install_previous(self) -> automation.Stack:
        """Install the previous stack with a rule of users and a silence; return the stack that installed it."""
        self.say("starting a real node")
        self._command("cluster", "--node", "real")
        self._kubectl("create", "namespace", _SHOP)
        self.say(f"installing {RELEASE} with its defaults, except images that this node does not have, and a receiver")
        previous = install_kube_prometheus_stack(self.checkout, self.charts, real=True, values=_values())
        labels = {"release": RELEASE, "monitoring/stack": "bais"}
        self._kubectl("apply", "--filename=-", text=json.dumps(probe_rule(_SHOP, labels)))
        self._wait("the previous stack answers", self._has_data)
        self._silence()
        return previous

    def _deploy_beside(self) -> None:
        """Deploy this stack with exactly the settings that the report names."""
        report = self._report()
        self.facts["the report lists the missing settings"] = bool(report["settings"]) and report["exit_code"] == 1
        with self.checkout.edit_settings() as settings:
            for section, values in yaml.safe_load(report["settings"]).items():
                settings[section] = {**settings.get(section, {}), **values}
        self.say("deploying the stack beside it")
        self._command("up", "--node", "real", "--demo", "yes", "--charts", str(self.charts))

    def _compare(self, before: float) -> None:
        """Look for the silence, and for samples of a time before this stack."""
        own = self._proxied("monitoring", "alertmanager-alertmanager-0", ports.ALERTMANAGER, "/api/v2/silences")
        self.facts["the silence is in this stack"] = any(
            each["matchers"][0]["value"] == _SILENCED and each["status"]["state"] == "active" for each in own
        )
        query = f'count(up{{prometheus="{NAMESPACE}/{PROMETHEUS}"}})'
        answer = self._query("monitoring", "prometheus-prometheus-0", query, before)
        self.facts["Prometheus of this stack answers for a time before it was deployed"] = answer > 0

    def _migrate(self, name: str) -> None:
        for _ in range(_ATTEMPTS):
            if self._adopt("--apply") == 0:
                self.facts[f"{name}: all steps are done"] = True
                return
            time.sleep(_PAUSE_SECONDS)
        self.facts[f"{name}: all steps are done"] = False

    def _adopt(self, *arguments: str) -> int:
        result = self.checkout.operate("adopt", *arguments)
        self.say(f"make adopt {' '.join(arguments)}: exit code {result.returncode}\n{result.stdout}")
        return result.returncode

    def _report(self) -> dict[str, Any]:
        self._adopt()
        result = self.checkout.operate("adopt", "--json")
        try:
            found: dict[str, Any] = json.loads(result.stdout)
        except ValueError:
            raise RehearsalError(result.stdout) from None
        return found

    def _watch(self, what: str) -> None:
        self.say(f"{what}: watching for {_WATCHED_SECONDS} s")
        time.sleep(_WATCHED_SECONDS)

    def _silence(self) -> None:
        now = datetime.now(UTC)
        matcher = {"name": "alertname", "value": _SILENCED, "isRegex": False, "isEqual": True}
        times = {"startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=8)).isoformat()}
        body = {"matchers": [matcher], **times, "createdBy": "ada", "comment": "nodes are replaced"}
        pod = f"alertmanager-{_ALERTMANAGER}-0"
        with cluster_reader(_CONTEXT) as cluster, cluster.forwarded_port(NAMESPACE, pod, ports.ALERTMANAGER) as port:
            request(f"http://127.0.0.1:{port}", "/api/v2/silences", body=body)

    def _has_data(self) -> bool:
        pod = f"prometheus-{PROMETHEUS}-0"
        alerts = self._proxied(NAMESPACE, f"alertmanager-{_ALERTMANAGER}-0", ports.ALERTMANAGER, "/api/v2/alerts")
        return self._query(NAMESPACE, pod, "count(up)", time.time()) > 0 and bool(alerts)

    def _query(self, namespace: str, pod: str, query: str, at: float) -> float:
        path = f"/api/v1/query?query={quote(query)}&time={at:.0f}"
        result = self._proxied(namespace, pod, ports.PROMETHEUS, path)["data"]["result"]
        return float(result[0]["value"][1]) if result else 0.0

    def _proxied(self, namespace: str, pod: str, port: int, path: str) -> Any:
        return json.loads(self._kubectl("get", f"--raw=/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy{path}"))

    def _wait(self, what: str, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            try:
                if condition():
                    return
                reason = "not yet"
            except KubectlError as error:
                reason = str(error)
            if time.monotonic() > deadline:
                raise RehearsalError(f"{what}: not within {_READY_SECONDS} s: {reason}")
            time.sleep(2)

    def _kubectl(self, *arguments: str, text: str | None = None) -> str:
        return self.checkout.control_plane.kubectl(*arguments, text=text)

    def _command(self, *arguments: str) -> None:
        result = self.checkout.run(*arguments, timeout=900)
        if result.returncode:
            raise RehearsalError(result.stdout)


def _values() -> dict[str, Any]:
    """Return the values of the previous stack: images that exist, and a receiver for all alerts but the Watchdog."""
    slack = {
        "api_url": "https://slack.receivers.svc/slack/search",
        "channel": OLD_CHANNEL,
        "title": "[FIRING]",
        "text": "{{ range .Alerts }}{{ .Annotations.summary }} {{ end }}",
    }
    route = {"receiver": "team", "matchers": ['alertname="PagerProbe"']}
    configuration = {
        "route": {
            "receiver": "null",
            "group_by": ["alertname", "instance"],
            "group_wait": "5s",
            "routes": [route],
        },
        "inhibit_rules": [],
        "receivers": [{"name": "null"}, {"name": "team", "slack_configs": [slack]}],
    }
    return {**_IMAGES, "alertmanager": {"config": configuration}}
