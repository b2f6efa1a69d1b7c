"""What the operator has accepted: conditions, rendered rules, and objects that it rejected."""

import base64
import gzip
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from common.labels import SPECIFICATION_ANNOTATION
from verification.model import (
    DEADLINE_SECONDS,
    REJECTED_SECONDS,
    UNNOTICED_SECONDS,
    ClusterPlan,
    Deviation,
    Instance,
    LogSource,
    one_line,
)

# Conditions that must be true for the current generation of the object.
_CONDITIONS: Final = ("Reconciled", "Available")
# Name of the operator's container, by its chart.
_OPERATOR_CONTAINER: Final = "kube-prometheus-stack"
# UIDs have this length.
_UID_LENGTH: Final = 36


def instance_deviations(
    instance: Instance,
    namespace: str,
    found: Mapping[str, Any] | None,
    stateful_sets: Iterable[Mapping[str, Any]],
) -> list[Deviation]:
    """Return what keeps the operator from running an instance in its current generation.

    `stateful_sets` are all of the namespace.
    """
    title = f"{instance.kind} {namespace}/{instance.name}"
    if found is None:
        return [Deviation(f"{title} does not exist")]
    generation = found["metadata"]["generation"]
    status = found.get("status", {})
    conditions = {condition["type"]: condition for condition in status.get("conditions", [])}
    deviations = []
    for name in _CONDITIONS:
        condition = conditions.get(name)
        if condition is None or condition.get("observedGeneration", generation) < generation:
            return [
                Deviation(f"{title}: the operator has not reported {name} for its current state", UNNOTICED_SECONDS)
            ]
        if condition["status"] != "True":
            reason = one_line(": ".join(filter(None, (condition.get("reason"), condition.get("message")))))
            patience = REJECTED_SECONDS if name == "Reconciled" else DEADLINE_SECONDS
            deviations.append(Deviation(f"{title}: {name} is {condition['status']}: {reason}", patience))
    if not deviations and not _is_applied(found["metadata"], stateful_sets):
        return [Deviation(f"{title}: the operator has not applied its current state", UNNOTICED_SECONDS)]
    if not deviations and {status.get("updatedReplicas"), status.get("availableReplicas")} != {instance.pods}:
        deviations.append(Deviation(f"{title}: not all of its {instance.pods} pods are updated and available"))
    return deviations


def _is_applied(metadata: Mapping[str, Any], stateful_sets: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether all StatefulSets of an instance are made from its current specification.

    The operator may report its conditions for a generation before it has seen more of it than the number.
    """
    own = [
        each["metadata"].get("annotations", {}).get(SPECIFICATION_ANNOTATION)
        for each in stateful_sets
        if metadata["uid"] in {owner["uid"] for owner in each["metadata"].get("ownerReferences", ())}
    ]
    return set(own) == {metadata.get("annotations", {}).get(SPECIFICATION_ANNOTATION)}


def rule_files(config_maps: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the rule files that the operator has rendered, by name."""
    return {name: text for config_map in config_maps for name, text in config_map.get("data", {}).items()}


def files_of(rule: str, namespace: str, files: Iterable[str]) -> list[str]:
    """Return the names of the files of a PrometheusRule: `<namespace>-<name>-<uid>.yaml`."""
    start = f"{namespace}-{rule}-"
    length = len(start) + _UID_LENGTH + len(".yaml")
    return [name for name in files if name.startswith(start) and len(name) == length]


def rule_deviations(plan: ClusterPlan, files: Mapping[str, str]) -> list[Deviation]:
    """Return the deviation of each PrometheusRule whose rendered groups are not exactly those of the plan."""
    deviations = []
    for name, spec in plan.rules.items():
        rendered = [files[file] for file in files_of(name, plan.namespace, files)]
        if not any(_load(text) == spec for text in rendered):
            current = "current rules" if rendered else "rules"
            text = f"PrometheusRule {plan.namespace}/{name}: the operator has not passed its {current} to Prometheus"
            deviations.append(Deviation(text, UNNOTICED_SECONDS))
    return deviations


def secret_files(secret: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the files in a Secret, decompressed and without the suffix `.gz`; empty for a missing one."""
    contents = {name: base64.b64decode(data) for name, data in ((secret or {}).get("data") or {}).items()}
    return {
        name.removesuffix(".gz"): (gzip.decompress(content) if name.endswith(".gz") else content).decode()
        for name, content in contents.items()
    }


def _load(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """An event of the operator about an object that it rejected, and the object's path in the API."""

    kind: str
    namespace: str
    name: str
    uid: str
    time: str
    message: str
    path: str

    @property
    def title(self) -> str:
        """Return kind, namespace and name."""
        return f"{self.kind} {self.namespace}/{self.name}"

    @property
    def log(self) -> LogSource | None:
        """Return the log with the cause, which the events of rules lack."""
        if self.kind != "PrometheusRule":
            return None
        return LogSource(pod="", container=_OPERATOR_CONTAINER, about=f"prometheusrule={self.name} ")


def rejections(events: Iterable[Mapping[str, Any]]) -> Iterator[Rejection]:
    """Yield the newest rejection of each object, which may have been corrected or deleted since."""
    newest: dict[str, Rejection] = {}
    for event in events:
        regarding = event["involvedObject"]
        if not regarding.get("apiVersion", "").startswith("monitoring.coreos.com/"):
            continue
        rejection = Rejection(
            kind=regarding["kind"],
            namespace=regarding.get("namespace", ""),
            name=regarding.get("name", ""),
            uid=regarding.get("uid", ""),
            time=_event_time(event),
            message=one_line(event.get("message", "")),
            path=f"/apis/{regarding['apiVersion']}/namespaces/{regarding.get('namespace')}"
            f"/{regarding['kind'].lower()}s/{regarding.get('name')}",
        )
        if rejection.uid not in newest or newest[rejection.uid].time < rejection.time:
            newest[rejection.uid] = rejection
    yield from newest.values()


def unread_routes(found: Iterable[Mapping[str, Any]], namespaces: Collection[str]) -> Iterator[str]:
    """Yield a line per selected AlertmanagerConfig outside the namespaces that the operator reads."""
    for item in found:
        namespace, name = item["metadata"]["namespace"], item["metadata"]["name"]
        if namespace not in namespaces:
            reason = "operator.secretNamespaces does not list its namespace"
            yield f"AlertmanagerConfig {namespace}/{name} of another team is without effect: {reason}"


def _event_time(event: Mapping[str, Any]) -> str:
    """Return the last time of an event as text that sorts by time, in whole seconds."""
    times = (
        (event.get("series") or {}).get("lastObservedTime"),
        event.get("lastTimestamp"),
        event.get("eventTime"),
        event["metadata"].get("creationTimestamp"),
    )
    return max((time[:19] for time in times if time), default="")


def is_in_effect(
    rejection: Rejection, files: Iterable[str], alertmanager_configuration: str, prometheus_configuration: str
) -> bool:
    """Return whether the operator uses an object that it has rejected before, for example until its Secret existed.

    `files` are the names of the rendered rule files.
    """
    path = f"{rejection.namespace}/{rejection.name}"
    if rejection.kind == "PrometheusRule":
        return bool(files_of(rejection.name, rejection.namespace, files))
    if rejection.kind == "AlertmanagerConfig":
        return f"{path}/" in alertmanager_configuration
    job = f"{rejection.kind[:1].lower()}{rejection.kind[1:]}/{path}"
    return re.search(rf"job_name: {re.escape(job)}(/\d+)?$", prometheus_configuration, re.MULTILINE) is not None


def is_current(rejection: Rejection, found: Mapping[str, Any] | None) -> bool:
    """Return whether a rejection is about the object as it is now."""
    if found is None or found["metadata"]["uid"] != rejection.uid:
        return False
    changes = [
        entry["time"][:19]
        for entry in found["metadata"].get("managedFields", [])
        if entry.get("time") and entry.get("subresource") != "status"
    ]
    changed: str = max(changes, default=found["metadata"]["creationTimestamp"][:19])
    return rejection.time >= changed
