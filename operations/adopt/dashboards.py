"""Dashboards and data sources of the previous Grafana."""

from __future__ import annotations

from collections.abc import Iterator

from common.words import counted
from operations.adopt.alerts import is_of_release
from operations.adopt.model import Finding, Outcome, PreviousStack, some
from operations.health.plan import HealthPlan
from preflight.cluster_state import qualified


def grafana(previous: PreviousStack, plan: HealthPlan) -> Iterator[Finding]:
    """Yield the dashboards and data sources in ConfigMaps, and what is not read."""
    boards = [
        each for each in previous.objects.get("dashboards", ()) if each["metadata"]["namespace"] != plan.namespace
    ]
    of_release = [qualified(each) for each in boards if is_of_release(each, previous)]
    kept = [qualified(each) for each in boards if not is_of_release(each, previous)]
    if of_release:
        yield Finding(
            section="dashboards",
            outcome=Outcome.CHANGES,
            text=f"{counted(len(of_release), 'dashboard')} of the release end with it; here are {len(plan.boards)}",
            names=of_release,
        )
    if kept:
        yield Finding(
            section="dashboards",
            outcome=Outcome.CHANGES,
            text=f"{counted(len(kept), 'ConfigMap')} with dashboards of others: {some(kept)}",
            action=f"copy it into namespace {plan.namespace}: Grafana of this stack loads dashboards only from there",
            names=kept,
        )
    sources = [
        qualified(each)
        for each in previous.objects.get("datasources", ())
        if not is_of_release(each, previous) and each["metadata"]["namespace"] != plan.namespace
    ]
    if sources:
        yield Finding(
            section="data sources",
            outcome=Outcome.CHANGES,
            text=f"{counted(len(sources), 'ConfigMap')} with data sources: {some(sources)}",
            action="add them to Grafana of this stack by hand: it loads none from ConfigMaps",
            names=sources,
        )
    yield Finding(
        section="dashboards",
        outcome=Outcome.CHANGES,
        text="dashboards and data sources that were saved in Grafana itself are in its database, which is not read",
        action="export them before the release is removed",
    )
