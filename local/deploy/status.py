"""What runs and in which state it really is: the control plane's processes and the stack's components."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from local.control_plane.lifecycle import ControlPlane, KubectlError
from local.nodes.scrape_targets import problems, read_targets
from manifests.charts import RELEASED

OPERATED = "prometheuses.monitoring.coreos.com,alertmanagers.monitoring.coreos.com"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        kind: What it is: process, release, prometheus ...
        name: Its name, with its namespace where it has one.
        state: What was found, for a person.
        healthy: Whether that is what it should be.
        note: What a reader must know beside it, for instance that it is simulated.
    """

    kind: str
    name: str
    state: str
    healthy: bool
    note: str = ""

    def as_dict(self) -> dict[str, object]:
        """The row for `--json`."""
        return asdict(self)


def process_rows(control_plane: ControlPlane) -> list[Row]:
    """The control plane's processes."""
    living = control_plane.processes()
    rows = []
    for name in control_plane.nodes.processes:
        simulated = ", ".join(control_plane.nodes.simulated)
        note = f"stands for kubelets: {simulated} and the pods there are simulated" if name == "kwok" else ""
        if (
            name in living
            and name == "prometheus-operator"
            and "local.control_plane.operator_gate" in living[name].cmdline()
        ):
            rows.append(Row("process", name, "waiting for its custom resource definitions", healthy=True))
        elif name in living:
            rows.append(Row("process", name, f"running, pid {living[name].pid}", healthy=True, note=note))
        else:
            rows.append(Row("process", name, "not running", healthy=False, note=note))
    return rows


def component_rows(control_plane: ControlPlane, stand_ins: list[str]) -> list[Row]:
    """The stack's components as the API server reports them.

    Args:
        control_plane: Where to ask.
        stand_ins: Names of the stand-in charts in use, noted at their releases.
    """
    rows = [_release(item, stand_ins) for item in _latest_releases(control_plane)]
    if not _has_definitions(control_plane):
        return rows
    rows += [_operated(item) for item in _items(control_plane, OPERATED)]
    rules = _items(control_plane, "prometheusrules.monitoring.coreos.com")
    rows += [_rules(item) for item in rules]
    rows += _claims(_items(control_plane, "persistentvolumeclaims"))
    rows += _pods(_items(control_plane, "pods"), control_plane.nodes.simulated)
    if control_plane.nodes.kind == "real":
        rows.append(_targets(control_plane))
    return rows


def wait_healthy(read: Callable[[], list[Row]], timeout: float = 90.0) -> list[Row]:
    """Read rows until all are healthy or `timeout` seconds passed, and return the last ones."""
    deadline = time.monotonic() + timeout
    while True:
        rows = read()
        if all(row.healthy for row in rows) or time.monotonic() > deadline:
            return rows
        time.sleep(0.5)


def _items(control_plane: ControlPlane, kinds: str, *arguments: str) -> list[dict[str, Any]]:
    answer = control_plane.kubectl("get", kinds, "--all-namespaces", "--output=json", *arguments)
    items: list[dict[str, Any]] = json.loads(answer)["items"]
    return items


def _has_definitions(control_plane: ControlPlane) -> bool:
    names = control_plane.kubectl("api-resources", "--api-group=monitoring.coreos.com", "--output=name")
    return "prometheuses.monitoring.coreos.com" in names


def _named(item: dict[str, Any]) -> str:
    return f"{item['metadata']['namespace']}/{item['metadata']['name']}"


def _latest_releases(control_plane: ControlPlane) -> list[dict[str, Any]]:
    records = _items(control_plane, "secrets", "--selector=owner=helm")
    latest: dict[tuple[str, str], dict[str, Any]] = {}
    for record in sorted(records, key=lambda item: int(item["metadata"]["labels"]["version"])):
        latest[record["metadata"]["namespace"], record["metadata"]["labels"]["name"]] = record
    return list(latest.values())


def _release(record: dict[str, Any], stand_ins: list[str]) -> Row:
    labels = record["metadata"]["labels"]
    name, status = labels["name"], labels["status"]
    state = f"{status}, revision {labels['version']}"
    stands_in = any(chart.has_release(name) for chart in RELEASED if chart.name in stand_ins)
    note = "stand-in chart" if stands_in else ""
    return Row("release", f"{record['metadata']['namespace']}/{name}", state, status == "deployed", note)


def _conditions(item: dict[str, Any]) -> dict[str, str]:
    return {entry["type"]: entry["status"] for entry in item.get("status", {}).get("conditions", [])}


def _operated(item: dict[str, Any]) -> Row:
    conditions = _conditions(item)
    wanted = item["spec"].get("replicas", 1) * item["spec"].get("shards", 1)
    available = item.get("status", {}).get("availableReplicas", 0)
    told = ", ".join(f"{name}={conditions.get(name, 'unknown')}" for name in ("Available", "Reconciled"))
    healthy = available == wanted and all(conditions.get(name) == "True" for name in ("Available", "Reconciled"))
    return Row(item["kind"].lower(), _named(item), f"{available}/{wanted}, {told}", healthy)


def _rules(item: dict[str, Any]) -> Row:
    rules = [rule for group in item["spec"].get("groups", []) for rule in group["rules"]]
    alerts = sum("alert" in rule for rule in rules)
    recorded = len(rules) - alerts
    state = f"{alerts} alerts" + (f", {recorded} recording rules" if recorded else "")
    return Row("rules", _named(item), state, healthy=bool(rules))


def _claims(items: list[dict[str, Any]]) -> list[Row]:
    rows = []
    for namespace, claims in _by_namespace(items):
        count = sum(item["status"].get("phase") == "Bound" for item in claims)
        rows.append(Row("claims", namespace, f"{count}/{len(claims)} bound", count == len(claims)))
    return rows


def _pods(items: list[dict[str, Any]], simulated_nodes: tuple[str, ...]) -> list[Row]:
    """One row a namespace: how many of its pods are ready, and which of them only say so."""
    rows = []
    for namespace, pods in _by_namespace(items):
        count = sum(_is_ready(pod) for pod in pods)
        simulated = [pod["metadata"]["name"] for pod in pods if pod["spec"].get("nodeName") in simulated_nodes]
        note = "simulated" if len(simulated) == len(pods) else f"simulated: {', '.join(simulated)}" if simulated else ""
        rows.append(Row("pods", namespace, f"{count}/{len(pods)} running", count == len(pods), note))
    return rows


def _targets(control_plane: ControlPlane) -> Row:
    try:
        targets = read_targets(control_plane)
    except KubectlError:
        return Row("targets", "prometheus", "unknown: it does not answer", healthy=False)
    wrong, real = problems(targets), [target for target in targets if not target.simulated]
    simulated = ", ".join(target.job for target in targets if target.simulated)
    notes = [*wrong[:3], *([f"without the simulated {simulated}"] if simulated else [])]
    state = f"{len(real) - len(wrong)}/{len(real)} up"
    return Row("targets", "prometheus", state, bool(real) and not wrong, "; ".join(notes))


def _is_ready(pod: dict[str, Any]) -> bool:
    return _conditions(pod).get("Ready") == "True" or pod["status"].get("phase") == "Succeeded"


def _by_namespace(items: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    names = sorted({item["metadata"]["namespace"] for item in items})
    return [(name, [item for item in items if item["metadata"]["namespace"] == name]) for name in names]
