"""A team's own monitor, alert and dashboard, configured from the outputs of the platform's stack."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.apiextensions import CustomResource

TEAM = "orders"

# What this program needs of the monitoring stack's outputs, each with its kind.
NEEDED: Mapping[str, type] = {
    "namespace": str,
    "selector_label": str,
    "alert_severities": list,
    "runbook_base_url": str,
    "grafana_external_url": str,
    "prometheus_data_source_uid": str,
    "dashboard_label": str,
    "dashboard_folder_annotation": str,
}


def checked(outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the outputs, or raise one error that names every missing one."""
    wrong = [
        f"  {name}: found {json.dumps(outputs.get(name)) if name in outputs else 'nothing'}; needed: a {kind.__name__}"
        for name, kind in NEEDED.items()
        if not isinstance(outputs.get(name), kind)
    ]
    if wrong:
        raise pulumi.RunError("\n".join([f"stack {stack} does not export what this program needs:", *wrong]))
    return outputs


def labels(label: str) -> dict[str, str]:
    """Return the label `key=value` as a mapping."""
    key, _, value = label.partition("=")
    return {key: value}


def rules(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return one alert, routed by severity, team and area; the outputs list their allowed values."""
    alert = {
        "alert": "OrdersStuck",
        "expr": "max by (namespace, job, service) (orders_oldest_seconds) > 600",
        "for": "10m",
        "labels": {
            "severity": "warning" if "warning" in outputs["alert_severities"] else "info",
            "team": TEAM,
            "area": "business",
        },
        "annotations": {
            "summary": "Orders wait too long.",
            "description": "The oldest open order is {{ $value | humanizeDuration }} old.",
            "impact": "Customers wait for what they have paid.",
            "action": "Look at the queue of the orders service.",
            "runbook_url": f"{outputs['runbook_base_url']}/OrdersStuck.md",
            "dashboard_url": f"{outputs['grafana_external_url']}/d/{TEAM}",
        },
    }
    return {"groups": [{"name": TEAM, "rules": [alert]}]}


def board(outputs: Mapping[str, Any]) -> str:
    """Return a dashboard with one panel, as Grafana's JSON."""
    source = {"type": "prometheus", "uid": outputs["prometheus_data_source_uid"]}
    panel = {
        "id": 1,
        "type": "timeseries",
        "title": "Age of the oldest open order",
        "datasource": source,
        "gridPos": {"h": 8, "w": 24, "x": 0, "y": 0},
        "fieldConfig": {"defaults": {"unit": "s"}, "overrides": []},
        "targets": [{"refId": "A", "datasource": source, "expr": "max(orders_oldest_seconds)"}],
    }
    return json.dumps({"uid": TEAM, "title": "Orders", "schemaVersion": 39, "panels": [panel]})


config = pulumi.Config()
stack = config.require("monitoring")
monitoring = pulumi.StackReference(stack).outputs.apply(checked)
selector = monitoring.apply(lambda outputs: labels(outputs["selector_label"]))

provider = kubernetes.Provider(
    "cluster", context=config.get("context") or None, kubeconfig="", enable_config_map_mutable=True
)
on_cluster = pulumi.ResourceOptions(provider=provider)

# On the namespace, the label admits Prometheus through the network policies; on an object, it selects the object.
namespace = kubernetes.core.v1.Namespace(TEAM, metadata={"name": TEAM, "labels": selector}, opts=on_cluster)
in_namespace = pulumi.ResourceOptions.merge(on_cluster, pulumi.ResourceOptions(depends_on=namespace))

CustomResource(
    "monitor",
    api_version="monitoring.coreos.com/v1",
    kind="ServiceMonitor",
    metadata={"name": TEAM, "namespace": TEAM, "labels": selector},
    spec={
        "selector": {"matchLabels": {"app.kubernetes.io/name": TEAM}},
        "endpoints": [{"port": "metrics", "relabelings": [{"targetLabel": "team", "replacement": TEAM}]}],
    },
    opts=in_namespace,
)

CustomResource(
    "alerts",
    api_version="monitoring.coreos.com/v1",
    kind="PrometheusRule",
    metadata={"name": TEAM, "namespace": TEAM, "labels": selector},
    spec=monitoring.apply(rules),
    opts=in_namespace,
)

# Dashboards stand in the monitoring namespace: Grafana reads no other.
kubernetes.core.v1.ConfigMap(
    "dashboard",
    metadata=monitoring.apply(
        lambda outputs: {
            "name": f"dashboard-{TEAM}",
            "namespace": outputs["namespace"],
            "labels": labels(outputs["dashboard_label"]),
            "annotations": {outputs["dashboard_folder_annotation"]: "Orders"},
        }
    ),
    data=monitoring.apply(lambda outputs: {f"{TEAM}.json": board(outputs)}),
    opts=on_cluster,
)
