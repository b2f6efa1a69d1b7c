"""What is kept of the previous stack and what changes, by section of the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from catalogue.model import AREAS
from common.words import counted
from manifests.cluster_objects import CRD_GROUP
from operations.adopt.alerts import (
    ROUTES,
    UserAlert,
    chart_alerts,
    evaluated_rules,
    has_stack_label,
    is_of_release,
    namespace_labels,
    selected_routes,
    user_alerts,
)
from operations.adopt.history import configured_source, source_labels
from operations.adopt.model import Finding, KubernetesObject, Outcome, PreviousStack, qualified, some
from operations.adopt.selection import is_selected
from operations.health.plan import HealthPlan
from preflight.ownership import describe_owner, helm_release
from settings.stack import StackSettings
from verification.model import ClusterPlan

_MONITORS: Final = {"servicemonitors": "ServiceMonitor", "podmonitors": "PodMonitor", "probes": "Probe"}
_KEEP: Final = "helm.sh/resource-policy"
_SECTIONS: Final = (
    "prometheus",
    "alertmanager",
    "receivers",
    "routes",
    "rules",
    "monitors",
    "dashboards",
    "data sources",
    "definitions",
    "not checked",
)
_TEAM_GUIDE: Final = "docs/guides/team-monitors.md"


def findings(previous: PreviousStack, plan: HealthPlan, settings: StackSettings) -> list[Finding]:
    """Return what is kept and what changes, in the order of the report."""
    alerts = user_alerts(previous, plan.cluster)
    return [
        *_prometheuses(previous, settings),
        *_alertmanagers(previous),
        *_receivers(previous, plan.cluster),
        *_routes(previous, plan.cluster),
        *_rules(previous, plan, alerts),
        *_monitors(previous, plan, settings),
        *_grafana(previous, plan),
        *_definitions(previous),
        *_unread(previous),
    ]


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """Return findings in the order of the sections in the report."""
    return sorted(found, key=lambda finding: _SECTIONS.index(finding.section))


# --- Prometheus and Alertmanager ------------------------------------------------------------------------------------


def _prometheuses(previous: PreviousStack, settings: StackSettings) -> Iterator[Finding]:
    for item in previous.prometheuses:
        specification = item["spec"]
        retention = " and ".join(
            str(each) for each in (specification.get("retention", "24h"), specification.get("retentionSize")) if each
        )
        text = f"{qualified(item)}: {_size(item)}, retention {retention}, {_storage('prometheus', item, previous)}"
        if not source_labels(item):
            action = "set prometheusExternalLabelName or externalLabels in it: queries name its series by that label"
            yield Finding(section="prometheus", outcome=Outcome.BLOCKS, text=text, action=action)
            continue
        source = configured_source(item, settings.prometheus.remote_read)
        action = "" if source else "set prometheus.remoteRead as below"
        yield Finding(
            section="prometheus", outcome=Outcome.KEPT, text=f"{text}; stays until you remove it", action=action
        )


def _alertmanagers(previous: PreviousStack) -> Iterator[Finding]:
    for item in previous.alertmanagers:
        text = f"{qualified(item)}: {_size(item)}, {_storage('alertmanager', item, previous)}"
        yield Finding(section="alertmanager", outcome=Outcome.KEPT, text=f"{text}; muted by step 5")


def _size(item: KubernetesObject) -> str:
    specification = item["spec"]
    shards = int(specification.get("shards") or 1)
    text = counted(int(specification.get("replicas", 1)), "replica")
    return f"{text} of {counted(shards, 'shard')}" if shards > 1 else text


def claims_of(kind: str, item: KubernetesObject, previous: PreviousStack) -> list[KubernetesObject]:
    """Return the volume claims of the pods of a resource."""
    part = f"-db-{kind}-{item['metadata']['name']}-"
    return [claim for claim in previous.claims if part in claim["metadata"]["name"]]


def is_temporary(kind: str, item: KubernetesObject, previous: PreviousStack) -> bool:
    """Return whether the data of a resource is lost with its pod."""
    return not claims_of(kind, item, previous)


def _storage(kind: str, item: KubernetesObject, previous: PreviousStack) -> str:
    claims = claims_of(kind, item, previous)
    if not claims:
        return "no volume (its data is lost with its pod: do not restart it)"
    sizes = {
        f"{(each['status'].get('capacity') or each['spec']['resources']['requests'])['storage']} of class "
        f"{each['spec'].get('storageClassName', 'default')}"
        for each in claims
    }
    return f"{counted(len(claims), 'claim')}, {', '.join(sorted(sizes))}"


# --- receivers and routes -------------------------------------------------------------------------------------------


def _receivers(previous: PreviousStack, plan: ClusterPlan) -> Iterator[Finding]:
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


def _routes(previous: PreviousStack, plan: ClusterPlan) -> Iterator[Finding]:
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
        steps = [] if has_stack_label(item, plan) else [_label_command("alertmanagerconfig", item, plan)]
        if plan.route_namespaces is not None and namespace not in plan.route_namespaces:
            steps.append(f"add {namespace} to operator.secretNamespaces")
        text = f"AlertmanagerConfig {qualified(item)}: not selected by this stack"
        yield Finding(section="routes", outcome=Outcome.CHANGES, text=text, action="; ".join(steps))


# --- rules ----------------------------------------------------------------------------------------------------------


def _rules(previous: PreviousStack, plan: HealthPlan, alerts: Sequence[UserAlert]) -> Iterator[Finding]:
    theirs = chart_alerts(previous)
    own = {
        rule["alert"]
        for spec in plan.cluster.rules.values()
        for group in spec["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    if theirs:
        same = len(own & set(theirs))
        yield Finding(
            section="rules",
            outcome=Outcome.CHANGES,
            text=f"{counted(len(theirs), 'alert')} of the chart are replaced by {len(own)} of the catalogue "
            f"({same} of the same name, in {len(AREAS)} areas)",
            action="read the list (JSON=1); copy a rule that you miss into a PrometheusRule of your own",
            names=theirs,
        )
    rules = {qualified(item): item for item in evaluated_rules(previous)}
    for name in dict.fromkeys(alert.rule for alert in alerts):
        of_rule = [alert for alert in alerts if alert.rule == name]
        yield _rule_finding(rules[name], of_rule, plan.cluster, previous)


def _rule_finding(
    item: KubernetesObject, alerts: Sequence[UserAlert], plan: ClusterPlan, previous: PreviousStack
) -> Finding:
    names = [alert.name for alert in alerts]
    text = f"PrometheusRule {qualified(item)}: {some(names)}"
    if is_of_release(item, previous):
        return Finding(
            section="rules",
            outcome=Outcome.CHANGES,
            text=f"{text}: in the values of the release, so it ends with it; the previous stack pages until then",
            action="move it into a PrometheusRule of your own",
            names=names,
        )
    if not alerts[0].is_selected:
        return Finding(
            section="rules",
            outcome=Outcome.CHANGES,
            text=f"{text}: not selected by this stack; the previous stack pages for it",
            action=_label_command("prometheusrule", item, plan),
            names=names,
        )
    addresses = ", ".join(sorted({each for alert in alerts for each in alert.addresses})) or "no one"
    uncovered = [alert.name for alert in alerts if not alert.is_covered]
    if uncovered:
        return Finding(
            section="rules",
            outcome=Outcome.CHANGES,
            text=f"{text}: a warning to {addresses} here; the previous stack still pages {some(uncovered)}",
            action=f"add an AlertmanagerConfig for namespace {item['metadata']['namespace']}: {_TEAM_GUIDE}#own-routes",
            names=names,
        )
    return Finding(section="rules", outcome=Outcome.KEPT, text=f"{text}: sent to {addresses}", names=names)


# --- monitors -------------------------------------------------------------------------------------------------------


def _monitors(previous: PreviousStack, plan: HealthPlan, settings: StackSettings) -> Iterator[Finding]:
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
    steps = [] if has_stack_label(item, plan) else [_label_command(kind.lower(), item, plan)]
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


def _label_command(kind: str, item: KubernetesObject, plan: ClusterPlan) -> str:
    label = " ".join(f"{key}={value}" for key, value in plan.selector.items())
    return f"kubectl -n {item['metadata']['namespace']} label {kind} {item['metadata']['name']} {label}"


# --- Grafana, definitions -------------------------------------------------------------------------------------------


def _grafana(previous: PreviousStack, plan: HealthPlan) -> Iterator[Finding]:
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


def _definitions(previous: PreviousStack) -> Iterator[Finding]:
    listed = previous.objects.get("customresourcedefinitions", ())
    definitions = [each for each in listed if each["metadata"]["name"].endswith(f".{CRD_GROUP}")]
    owned = [each for each in definitions if helm_release(each) is not None]
    lost = [each for each in owned if (each["metadata"].get("annotations") or {}).get(_KEEP) != "keep"]
    if lost:
        owners = ", ".join(sorted({describe_owner(each) for each in lost}))
        yield Finding(
            section="definitions",
            outcome=Outcome.CHANGES,
            text=f"{counted(len(lost), 'CRD')} of {owners}: `helm uninstall` of it deletes them and every Prometheus",
            action="never uninstall it; or first upgrade it so that its CRDs have helm.sh/resource-policy: keep",
            names=[each["metadata"]["name"] for each in lost],
        )
    elif definitions:
        yield Finding(
            section="definitions",
            outcome=Outcome.KEPT,
            text=f"{counted(len(definitions), 'CRD')}: no release deletes them",
            action="leave operator.crds: existing, also after the release is removed",
        )


def _unread(previous: PreviousStack) -> Iterator[Finding]:
    for plural, reason in previous.unread.items():
        yield Finding(section="not checked", outcome=Outcome.UNKNOWN, text=f"{plural}: {reason}")
