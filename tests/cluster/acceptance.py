"""Acceptance checks of a stack on a real node: each returns one line per problem."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from local.control_plane.lifecycle import ControlPlane
from local.nodes.scrape_targets import query_prometheus, read_targets, target_problems


def wait_for_no_problems(check: Callable[[], list[str]], timeout: float) -> list[str]:
    """Repeat a check until it finds no problem, and return the last problems.

    Stops after `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while (found := check()) and time.monotonic() < deadline:
        time.sleep(1)
    return found


def unready_pods(control_plane: ControlPlane) -> list[str]:
    """Return pods that are not ready, with the reason."""
    pods = json.loads(control_plane.kubectl("get", "pods", "--all-namespaces", "--output=json"))["items"]
    return [
        f"{pod['metadata']['namespace']}/{pod['metadata']['name']}: {_reason(pod)}" for pod in pods if not _ready(pod)
    ]


def targets_down(control_plane: ControlPlane) -> list[str]:
    """Return targets that are down, without those of simulated pods."""
    return target_problems(read_targets(control_plane))


def monitors_without_targets(control_plane: ControlPlane) -> list[str]:
    """Return endpoints of monitors without a scrape target."""
    scraped = {target.job for target in read_targets(control_plane)}
    listed = control_plane.kubectl("get", "servicemonitors,podmonitors", "--all-namespaces", "--output=json")
    pools = [
        f"{item['kind'][0].lower()}{item['kind'][1:]}/{item['metadata']['namespace']}/{item['metadata']['name']}/{number}"
        for item in json.loads(listed)["items"]
        for number in range(len(item["spec"].get("endpoints", item["spec"].get("podMetricsEndpoints", []))))
    ]
    return [f"{pool}: no target" for pool in pools if pool not in scraped]


def failing_rules(control_plane: ControlPlane) -> list[str]:
    """Return rules whose last evaluation failed, and groups that were never evaluated."""
    groups = query_prometheus(control_plane, "rules")["groups"]
    never = [f"{group['name']}: never evaluated" for group in groups if group["lastEvaluation"].startswith("0001")]
    rules = [(group["name"], rule) for group in groups for rule in group["rules"]]
    return never + [
        f"{group}/{rule['name']}: {rule.get('lastError', rule['health'])}"
        for group, rule in rules
        if rule["health"] == "err"
    ]


def denied_requests(state: Path, since: datetime) -> list[str]:
    """Return the distinct requests of pods that RBAC denied, from the audit log.

    Requests of the kubelet are ignored: it requests deleted pods, which is denied.
    """
    found = set()
    for line in (state / "logs" / "audit.log").read_text().splitlines():
        request = json.loads(line)
        user = request["user"]["username"]
        denied = request.get("annotations", {}).get("authorization.k8s.io/decision") == "forbid"
        recent = datetime.fromisoformat(request["requestReceivedTimestamp"]) >= since
        if denied and recent and user.startswith("system:serviceaccount:"):
            found.add(f"{user} is not allowed to {request['verb']} {request['requestURI'].partition('?')[0]}")
    return sorted(found)


def unseen_metrics(control_plane: ControlPlane, listed: Mapping[str, Mapping[str, Any]], since: datetime) -> list[str]:
    """Return listed metrics without recent series, and listed labels without one."""
    found = []
    for name, entry in listed.items():
        selector = f'{name}{{job="{entry["job"]}"}}'
        series = query_prometheus(control_plane, "series", **{"match[]": selector, "start": str(since.timestamp())})
        labels = {label for each in series for label in each}
        if missing := set(entry["labels"]) - labels:
            found.append(f"{selector}: {f'without {sorted(missing)}' if series else 'no series'}")
    return found


def _ready(pod: dict[str, Any]) -> bool:
    conditions = {each["type"]: each["status"] for each in pod["status"].get("conditions", [])}
    return conditions.get("Ready") == "True" or pod["status"].get("phase") == "Succeeded"


def _reason(pod: dict[str, Any]) -> str:
    statuses = pod["status"].get("initContainerStatuses", []) + pod["status"].get("containerStatuses", [])
    for status in statuses:
        for state in (status["state"], status.get("lastState", {})):
            for what in ("waiting", "terminated"):
                if what in state and state[what].get("reason") != "Completed":
                    return f"{status['name']} {state[what].get('reason')} {state[what].get('message', '')}".strip()
    return str(pod["status"].get("phase", "unknown"))
