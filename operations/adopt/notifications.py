"""Receivers and routes of the previous stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from operations.adopt.alerts import ROUTES, has_stack_label, label_command, namespace_labels, selected_routes
from operations.adopt.model import Finding, Outcome, PreviousStack, some
from operations.adopt.selection import is_selected
from preflight.cluster_state import qualified
from verification.model import ClusterPlan


def receivers(previous: PreviousStack, plan: ClusterPlan) -> Iterator[Finding]:
    """Yield the receivers of each Alertmanager, by name and kind of channel."""
    own = some((f"{name} ({kinds})" for name, kinds in _channels(plan.configuration)), most=8)
    for name, configuration in previous.configurations.items():
        theirs = [f"{receiver} ({kinds})" for receiver, kinds in _channels(configuration)]
        yield Finding(
            section="receivers",
            outcome=Outcome.CHANGES,
            text=f"{name}: {some(theirs, most=8) or 'no receiver with a channel: it notifies no one'}",
            action=f"compare with those of this stack: {own or 'none'}",
            names=theirs,
        )


def _channels(configuration: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and kinds of channels of each receiver that sends; never an address, which may be a credential."""
    for receiver in configuration.get("receivers") or ():
        kinds = [key.removesuffix("_configs") for key, value in receiver.items() if key.endswith("_configs") and value]
        if kinds:
            yield receiver["name"], ", ".join(kinds)


def routes(previous: PreviousStack, plan: ClusterPlan) -> Iterator[Finding]:
    """Yield the AlertmanagerConfigs of users, and what makes this stack select them."""
    namespaces = namespace_labels(previous)
    theirs = [
        each
        for each in previous.objects.get(ROUTES, ())
        if any(is_selected(each, ROUTES, by, namespaces) for by in previous.alertmanagers)
    ]
    selected = {qualified(each) for each in selected_routes(previous, plan)}
    for item in theirs:
        if qualified(item) in selected:
            yield Finding(section="routes", outcome=Outcome.KEPT, text=f"AlertmanagerConfig {qualified(item)}")
            continue
        namespace = item["metadata"]["namespace"]
        steps = [] if has_stack_label(item, plan) else [label_command("alertmanagerconfig", item, plan)]
        if plan.route_namespaces is not None and namespace not in plan.route_namespaces:
            steps.append(f"add {namespace} to operator.secretNamespaces")
        text = f"AlertmanagerConfig {qualified(item)}: not selected by this stack"
        yield Finding(section="routes", outcome=Outcome.CHANGES, text=text, action="; ".join(steps))
