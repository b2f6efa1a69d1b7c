"""Monitors that the previous stack selects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from common.words import counted
from operations.adopt.alerts import has_stack_label, is_of_release, label_command, namespace_labels
from operations.adopt.model import Finding, Outcome, PreviousStack, some
from operations.adopt.selection import is_selected
from operations.health.plan import HealthPlan
from preflight.cluster_state import KubernetesObject, qualified
from settings.stack import StackSettings
from verification.model import ClusterPlan

_MONITORS: Final = {"servicemonitors": "ServiceMonitor", "podmonitors": "PodMonitor", "probes": "Probe"}


def monitors(previous: PreviousStack, plan: HealthPlan, settings: StackSettings) -> Iterator[Finding]:
    """Yield the monitors of users, and what makes this stack scrape them."""
    namespaces = namespace_labels(previous)
    ending = []
    for plural, kind in _MONITORS.items():
        for item in previous.objects.get(plural, ()):
            if not any(is_selected(item, plural, each, namespaces) for each in previous.prometheuses):
                continue
            if is_of_release(item, previous):
                ending.append(f"{kind} {item['metadata']['name']}")
            else:
                yield _monitor_finding(kind, item, plan.cluster, settings, namespaces)
    if ending:
        yield Finding(
            section="monitors",
            outcome=Outcome.CHANGES,
            text=f"{counted(len(ending), 'monitor')} of the release end with it; this stack has its own",
            action="create those that the release's values add (additionalServiceMonitors) as objects of their own",
            names=ending,
        )
    scrape_configs = [qualified(item) for item in previous.objects.get("scrapeconfigs", ())]
    if scrape_configs:
        yield Finding(
            section="monitors",
            outcome=Outcome.CHANGES,
            text=f"{counted(len(scrape_configs), 'ScrapeConfig')}: {some(scrape_configs)}",
            action=f"this stack selects ScrapeConfigs of namespace {plan.namespace} only: use a monitor or a Probe",
            names=scrape_configs,
        )


def _monitor_finding(
    kind: str,
    item: KubernetesObject,
    plan: ClusterPlan,
    settings: StackSettings,
    namespaces: Mapping[str, Mapping[str, str]],
) -> Finding:
    places = (item["spec"].get("namespaceSelector") or {}).get("matchNames") or [item["metadata"]["namespace"]]
    steps = [] if has_stack_label(item, plan) else [label_command(kind.lower(), item, plan)]
    if settings.network.policies and kind != "Probe":
        label = " ".join(f"{key}={value}" for key, value in plan.selector.items())
        steps += [
            f"kubectl label namespace {place} {label}"
            for place in places
            if not plan.selector.items() <= namespaces.get(place, {}).items()
        ]
    text = f"{kind} {qualified(item)}"
    if not steps:
        return Finding(section="monitors", outcome=Outcome.KEPT, text=f"{text}: selected by this stack")
    return Finding(
        section="monitors", outcome=Outcome.CHANGES, text=f"{text}: not scraped by this stack", action="; ".join(steps)
    )
