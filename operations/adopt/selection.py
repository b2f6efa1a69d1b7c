"""Which objects a Prometheus or Alertmanager of any owner selects, as the operator decides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from preflight.cluster_state import KubernetesObject

# Prefix of the selector fields of a resource, by the plural of the selected kind.
SELECTORS: Final = {
    "prometheusrules": "rule",
    "servicemonitors": "serviceMonitor",
    "podmonitors": "podMonitor",
    "probes": "probe",
    "scrapeconfigs": "scrapeConfig",
    "alertmanagerconfigs": "alertmanagerConfig",
}


def is_selected(
    item: KubernetesObject, plural: str, by: KubernetesObject, namespaces: Mapping[str, Mapping[str, str]]
) -> bool:
    """Return whether a Prometheus or Alertmanager selects an object; `namespaces` are labels of namespaces by name.

    Without a selector nothing is selected, without a selector of namespaces only the resource's own namespace.
    """
    specification, prefix = by["spec"], SELECTORS[plural]
    labels = item["metadata"].get("labels") or {}
    namespace = item["metadata"]["namespace"]
    places = specification.get(f"{prefix}NamespaceSelector")
    is_in_place = (
        namespace == by["metadata"]["namespace"]
        if places is None
        else matches(places, {"kubernetes.io/metadata.name": namespace, **namespaces.get(namespace, {})})
    )
    selector = specification.get(f"{prefix}Selector")
    return is_in_place and selector is not None and matches(selector, labels)


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Return whether a label selector matches labels; an empty one matches all."""
    wanted: Mapping[str, str] = selector.get("matchLabels") or {}
    expressions: Sequence[Mapping[str, Any]] = selector.get("matchExpressions") or ()
    return wanted.items() <= labels.items() and all(_holds(each, labels) for each in expressions)


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values") or ()
    return {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }[expression["operator"]]
