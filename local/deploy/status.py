"""Status of the control plane processes and of the components of the stack."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

from local.control_plane.lifecycle import ControlPlane, KubectlError
from local.nodes.scrape_targets import read_targets, target_problems
from manifests.charts import RELEASED
from preflight.cluster_state import qualified

OPERATED_RESOURCES: Final = "prometheuses.monitoring.coreos.com,alertmanagers.monitoring.coreos.com"


@dataclass(frozen=True)
class StatusRow:
    """One row of the status table.

    Attributes:
        kind: Kind of component: process, release, prometheus, ...
        name: Name, with the namespace if it has one.
        state: Observed state as text.
        healthy: Whether the observed state is the expected one.
        note: Additional information, for example that it is simulated.
    """

    kind: str
    name: str
    state: str
    healthy: bool
    note: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return the row as the JSON output has it."""
        return asdict(self)


def process_rows(control_plane: ControlPlane) -> list[StatusRow]:
    """Return one row per process of the control plane."""
    running_processes = control_plane.processes()
    rows = []
    for name in control_plane.nodes.processes:
        nodes = control_plane.nodes.simulated
        simulated = f"{'node' if len(nodes) == 1 else 'nodes'} {', '.join(nodes)}"
        note = f"replaces the kubelet: pods on {simulated} are simulated" if name == "kwok" else ""
        if name in running_processes and name == "prometheus-operator" and not running_processes[name].children():
            rows.append(StatusRow("process", name, "waiting for its Deployment", healthy=True))
        elif name in running_processes:
            rows.append(
                StatusRow("process", name, f"running, pid {running_processes[name].pid}", healthy=True, note=note)
            )
        else:
            rows.append(StatusRow("process", name, "not running", healthy=False, note=note))
    return rows


def component_rows(control_plane: ControlPlane, stand_ins: list[str]) -> list[StatusRow]:
    """Return rows for the components of the stack, as the API server reports them.

    Args:
        control_plane: Control plane to query.
        stand_ins: Names of the stand-in charts in use, for the notes.
    """
    rows = [_release_row(item, stand_ins) for item in _latest_releases(control_plane)]
    if not _has_crds(control_plane):
        return rows
    rows += [_operated_row(item) for item in _items(control_plane, OPERATED_RESOURCES)]
    rules = _items(control_plane, "prometheusrules.monitoring.coreos.com")
    rows += [_rules_row(item) for item in rules]
    rows += _volume_rows(_items(control_plane, "persistentvolumeclaims"))
    rows += _pod_rows(_items(control_plane, "pods"), control_plane.nodes.simulated)
    if control_plane.nodes.kind == "real":
        rows.append(_targets_row(control_plane))
    return rows


def wait_healthy(read: Callable[[], list[StatusRow]], timeout: float = 90.0) -> list[StatusRow]:
    """Read rows until all are healthy or `timeout` seconds have passed.

    Returns the last rows.
    """
    deadline = time.monotonic() + timeout
    while True:
        rows = read()
        if all(row.healthy for row in rows) or time.monotonic() > deadline:
            return rows
        time.sleep(0.5)


def _items(control_plane: ControlPlane, kinds: str, *arguments: str) -> list[dict[str, Any]]:
    output = control_plane.kubectl("get", kinds, "--all-namespaces", "--output=json", *arguments)
    items: list[dict[str, Any]] = json.loads(output)["items"]
    return items


def _has_crds(control_plane: ControlPlane) -> bool:
    names = control_plane.kubectl("api-resources", "--api-group=monitoring.coreos.com", "--output=name")
    return "prometheuses.monitoring.coreos.com" in names


def _latest_releases(control_plane: ControlPlane) -> list[dict[str, Any]]:
    records = _items(control_plane, "secrets", "--selector=owner=helm")
    latest: dict[tuple[str, str], dict[str, Any]] = {}
    for record in sorted(records, key=lambda item: int(item["metadata"]["labels"]["version"])):
        latest[record["metadata"]["namespace"], record["metadata"]["labels"]["name"]] = record
    return list(latest.values())


def _release_row(record: dict[str, Any], stand_ins: list[str]) -> StatusRow:
    labels = record["metadata"]["labels"]
    name, status = labels["name"], labels["status"]
    state = f"{status}, revision {labels['version']}"
    is_stand_in = any(chart.has_release(name) for chart in RELEASED if chart.name in stand_ins)
    note = "stand-in chart" if is_stand_in else ""
    return StatusRow("release", f"{record['metadata']['namespace']}/{name}", state, status == "deployed", note)


def _conditions(item: dict[str, Any]) -> dict[str, str]:
    return {entry["type"]: entry["status"] for entry in item.get("status", {}).get("conditions", [])}


def _operated_row(item: dict[str, Any]) -> StatusRow:
    conditions = _conditions(item)
    desired = item["spec"].get("replicas", 1) * item["spec"].get("shards", 1)
    available = item.get("status", {}).get("availableReplicas", 0)
    text = ", ".join(f"{name}={conditions.get(name, 'unknown')}" for name in ("Available", "Reconciled"))
    healthy = available == desired and all(conditions.get(name) == "True" for name in ("Available", "Reconciled"))
    return StatusRow(item["kind"].lower(), qualified(item), f"{available}/{desired}, {text}", healthy)


def _rules_row(item: dict[str, Any]) -> StatusRow:
    rules = [rule for group in item["spec"].get("groups", []) for rule in group["rules"]]
    alerts = sum("alert" in rule for rule in rules)
    recorded = len(rules) - alerts
    state = f"{alerts} alerts" + (f", {recorded} recording rules" if recorded else "")
    return StatusRow("rules", qualified(item), state, healthy=bool(rules))


def _volume_rows(items: list[dict[str, Any]]) -> list[StatusRow]:
    rows = []
    for namespace, claims in _by_namespace(items):
        count = sum(item["status"].get("phase") == "Bound" for item in claims)
        rows.append(StatusRow("volumes", namespace, f"{count}/{len(claims)} bound", count == len(claims)))
    return rows


def _pod_rows(items: list[dict[str, Any]], simulated_nodes: tuple[str, ...]) -> list[StatusRow]:
    """Return one row per namespace: ready pods, and which are simulated."""
    rows = []
    for namespace, pods in _by_namespace(items):
        count = sum(_is_ready(pod) for pod in pods)
        simulated = [pod["metadata"]["name"] for pod in pods if pod["spec"].get("nodeName") in simulated_nodes]
        note = "simulated" if len(simulated) == len(pods) else f"simulated: {', '.join(simulated)}" if simulated else ""
        rows.append(StatusRow("pods", namespace, f"{count}/{len(pods)} running", count == len(pods), note))
    return rows


def _targets_row(control_plane: ControlPlane) -> StatusRow:
    try:
        targets = read_targets(control_plane)
    except KubectlError:
        return StatusRow("targets", "prometheus", "unknown: Prometheus not reachable", healthy=False)
    wrong, real = target_problems(targets), [target for target in targets if not target.simulated]
    simulated = ", ".join(target.job for target in targets if target.simulated)
    notes = [*wrong[:3], *([f"simulated targets not counted: {simulated}"] if simulated else [])]
    state = f"{len(real) - len(wrong)}/{len(real)} up"
    return StatusRow("targets", "prometheus", state, bool(real) and not wrong, "; ".join(notes))


def _is_ready(pod: dict[str, Any]) -> bool:
    return _conditions(pod).get("Ready") == "True" or pod["status"].get("phase") == "Succeeded"


def _by_namespace(items: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    names = sorted({item["metadata"]["namespace"] for item in items})
    return [(name, [item for item in items if item["metadata"]["namespace"] == name]) for name in names]
