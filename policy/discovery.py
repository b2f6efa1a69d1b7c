"""Checks of monitors and rules: the selector label, and the labels and annotations of alerts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from catalogue.model import AREAS, SEVERITIES
from common.labels import SELECTOR_LABEL
from common.problems import Problem
from policy.model import OPERATOR, Resource, problem
from policy.properties import at, items, mapping

_RULE: Final = f"{OPERATOR}:PrometheusRule"
_SELECTED: Final = frozenset(
    {_RULE, *(f"{OPERATOR}:{kind}" for kind in ("ServiceMonitor", "PodMonitor", "Probe", "ScrapeConfig"))}
)
_VOCABULARY: Final = {"severity": SEVERITIES, "area": AREAS}
_ANNOTATIONS: Final = ("summary", "description", "runbook_url", "dashboard_url")


def has_selector_label(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require the selector label; without it Prometheus ignores a monitor or rule."""
    if resource.kind not in _SELECTED:
        return
    labels = mapping(at(resource.properties, "metadata.labels"))
    if not labels.get(SELECTOR_LABEL):
        yield problem(
            f"metadata.labels.{SELECTOR_LABEL}", labels.get(SELECTOR_LABEL), "the value that Prometheus selects"
        )


def is_selected(resources: Sequence[Resource]) -> Iterator[tuple[Resource, Problem]]:
    """Require the value of the selector label that the stack's own Prometheus selects."""
    for prometheus in (each for each in resources if each.kind == f"{OPERATOR}:Prometheus"):
        for resource in (each for each in resources if each.kind in _SELECTED):
            kind = resource.kind.rpartition(":")[2].removeprefix("Prometheus")
            field = f"spec.{kind[0].lower()}{kind[1:]}Selector.matchLabels"
            wanted = mapping(at(prometheus.properties, field)).get(SELECTOR_LABEL)
            found = mapping(at(resource.properties, "metadata.labels")).get(SELECTOR_LABEL)
            if found != wanted:
                yield resource, problem(f"metadata.labels.{SELECTOR_LABEL}", found, str(wanted))


def has_routing_labels(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require a known severity and area, and a team; otherwise routing delivers to no receiver."""
    for alert, rule in _alerts(resource):
        labels = mapping(rule.get("labels"))
        for label, allowed in _VOCABULARY.items():
            if labels.get(label) not in allowed:
                yield problem(f"{alert}.labels.{label}", labels.get(label), ", ".join(allowed))
        if not labels.get("team"):
            yield problem(f"{alert}.labels.team", labels.get("team"), "the team that owns it")


def has_alert_annotations(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require a summary, a description, and links to a runbook and a dashboard."""
    for alert, rule in _alerts(resource):
        annotations = mapping(rule.get("annotations"))
        for annotation in _ANNOTATIONS:
            text = str(annotations.get(annotation) or "")
            if not text:
                yield problem(f"{alert}.annotations.{annotation}", None, "a text")
            elif annotation.endswith("_url") and not text.startswith(("https://", "http://")):
                yield problem(f"{alert}.annotations.{annotation}", text, "an address that starts with https://")


def has_environment_label(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require the external labels environment, with the stack's value, and cluster."""
    if resource.kind != f"{OPERATOR}:Prometheus":
        return
    labels = mapping(at(resource.properties, "spec.externalLabels"))
    if labels.get("environment") != environment:
        yield problem("spec.externalLabels.environment", labels.get("environment"), environment)
    if not labels.get("cluster"):
        yield problem("spec.externalLabels.cluster", labels.get("cluster"), "the cluster's name")


def _alerts(resource: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if resource.kind != _RULE:
        return
    for group in items(at(resource.properties, "spec.groups")):
        for rule in items(mapping(group).get("rules")):
            if "alert" in mapping(rule):
                yield str(rule["alert"]), rule
