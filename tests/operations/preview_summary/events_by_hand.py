"""Events of the engine, as small as possible, in the shape of real ones (tests/engine/test_pull_requests.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from common.grafana import DASHBOARD_LABEL

SECRET_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
CLAIM: Final = "kubernetes:core/v1:PersistentVolumeClaim"
CONFIG_MAP: Final = "kubernetes:core/v1:ConfigMap"
RULES: Final = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
ALERTMANAGER: Final = "monitoring:index:Alertmanager"
EXPRESSION: Final = "errors / requests[5m]\n  > 0.01 # tunable: error_ratio"


def summary(result: str = "succeeded") -> dict[str, Any]:
    return {"summaryEvent": {"result": result, "resourceChanges": {}}}


def error(message: str, urn: str = "") -> dict[str, Any]:
    return {"diagnosticEvent": {"severity": "error", "message": message, "urn": urn}}


def violation(policy: str, message: str, level: str = "mandatory") -> dict[str, Any]:
    return {"policyEvent": {"policyName": policy, "message": message, "enforcementLevel": level}}


def step(
    operation: str,
    kind: str,
    name: str,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    stack: str = "prod",
    **fields: Any,
) -> dict[str, Any]:
    """Return the event before a step; `fields` are further ones of the old state, except `keys`."""
    keys = fields.pop("keys", [])
    urn = f"urn:pulumi:{stack}::monitoring::monitoring:index:Parent${kind}::{name}"
    return {
        "resourcePreEvent": {
            "metadata": {
                "op": operation,
                "urn": urn,
                "type": kind,
                "old": None if old is None else {"inputs": old, **fields},
                "new": None if new is None else {"inputs": new},
                "keys": keys,
            }
        }
    }


def alert(name: str = "ErrorsHigh", expression: str = EXPRESSION, **changes: Any) -> dict[str, Any]:
    labels = {"severity": "warning", "team": "api", "area": "api"} | changes.pop("labels", {})
    return {"alert": name, "expr": expression, "for": "5m", "labels": labels, "annotations": {"summary": "s"}} | changes


def rules(*found: Mapping[str, Any]) -> dict[str, Any]:
    return {"spec": {"groups": [{"name": "api", "rules": list(found)}]}}


def board(*panels: Mapping[str, Any]) -> dict[str, Any]:
    content = json.dumps({"uid": "bais-api", "title": "BAIS API", "panels": list(panels)})
    return {"metadata": {"labels": dict(DASHBOARD_LABEL)}, "data": {"bais-api.json": content}}


def configuration(channel: str = "#bais-alerts", wait: str = "30s") -> dict[str, Any]:
    return {
        "route": {
            "receiver": "unrouted",
            "group_wait": wait,
            "routes": [
                {"receiver": "critical", "matchers": ['severity="critical"']},
                {"receiver": "warning", "matchers": ['severity="warning"']},
            ],
        },
        "receivers": [
            {"name": "unrouted"},
            {
                "name": "critical",
                "pagerduty_configs": [{"routing_key_file": "/etc/keys/pagerduty-routing-key"}],
                "slack_configs": [{"channel": "#bais-critical"}],
            },
            {"name": "warning", "slack_configs": [{"channel": channel}]},
        ],
        "inhibit_rules": [],
    }


def alertmanager(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    operation = "same" if old == new else "update"
    return step(operation, ALERTMANAGER, "alertmanager", {"configuration": old}, {"configuration": new})


def text(events: Sequence[Mapping[str, Any]], result: str = "succeeded") -> str:
    return "".join(json.dumps(each) + "\n" for each in (*events, summary(result)))
