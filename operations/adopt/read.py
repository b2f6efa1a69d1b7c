"""Reading of a running kube-prometheus-stack from the API server."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, Protocol

import yaml

from common.labels import SPECIFICATION_ANNOTATION
from manifests.cluster_objects import CRD_GROUP
from operations.adopt.model import AdoptError, PreviousStack
from preflight.cluster_state import KubernetesObject
from preflight.ownership import helm_release, is_by_provider
from verification.alertmanager import CONFIGURATION_FILE
from verification.cluster import ClusterError
from verification.operator import secret_files

_V1: Final = f"/apis/{CRD_GROUP}/v1"
_ALPHA: Final = f"/apis/{CRD_GROUP}/v1alpha1"
# Paths of the objects by plural.
_PATHS: Final = {
    **{each: f"{_V1}/{each}" for each in ("prometheusrules", "servicemonitors", "podmonitors", "probes")},
    **{each: f"{_ALPHA}/{each}" for each in ("scrapeconfigs", "alertmanagerconfigs")},
}
# Of these only the metadata is read: their content is large, or not for this command.
_METADATA_PATHS: Final = {
    "namespaces": "/api/v1/namespaces",
    "customresourcedefinitions": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "dashboards": "/api/v1/configmaps?labelSelector=grafana_dashboard",
    "datasources": "/api/v1/configmaps?labelSelector=grafana_datasource",
}


class Objects(Protocol):
    """Read requests to the API server."""

    def get(self, path: str, **parameters: str) -> Any:
        """Return the JSON of a request; None if the object does not exist. Raises ClusterError."""

    def list_metadata(self, path: str) -> list[Any]:
        """Return the objects of a collection with nothing but their metadata. Raises ClusterError."""


def read_previous(
    cluster: Objects, *, release: str, namespace: str, own_namespaces: Collection[str] = ()
) -> PreviousStack:
    """Return the stack to replace, found by its Prometheus and Alertmanager resources.

    `release` and `namespace` narrow the search; empty for any. Objects that this program has created in
    `own_namespaces` are left out: the previous stack may select them, too.

    Raises:
        AdoptError: not exactly one was found.
        ClusterError: the resources cannot be read.
    """
    found = list(stacks_found(_items(cluster, f"{_V1}/prometheuses"), _items(cluster, f"{_V1}/alertmanagers")))
    chosen = [each for each in found if release in ("", each.release) and namespace in ("", each.namespace)]
    if len(chosen) != 1:
        raise AdoptError(_not_one(found, chosen, release, namespace))
    return _with_objects(cluster, chosen[0], own_namespaces)


def stacks_found(
    prometheuses: Iterable[KubernetesObject], alertmanagers: Iterable[KubernetesObject]
) -> Iterator[PreviousStack]:
    """Yield the stacks that these resources belong to, except those of this program."""
    by_owner: dict[tuple[str, str], dict[str, list[KubernetesObject]]] = {}
    for kind, items in (("prometheus", prometheuses), ("alertmanager", alertmanagers)):
        for item in items:
            if SPECIFICATION_ANNOTATION not in (item["metadata"].get("annotations") or {}):
                by_owner.setdefault(_owner(item), {"prometheus": [], "alertmanager": []})[kind].append(item)
    for (namespace, release), kinds in sorted(by_owner.items()):
        members = [*kinds["prometheus"], *kinds["alertmanager"]]
        charts = sorted({(each["metadata"].get("labels") or {}).get("chart", "") for each in members} - {""})
        yield PreviousStack(
            namespace=namespace,
            release=release,
            chart=", ".join(charts),
            prometheuses=kinds["prometheus"],
            alertmanagers=kinds["alertmanager"],
        )


def _owner(item: KubernetesObject) -> tuple[str, str]:
    """Return the namespace of an object and its release, which some tools only leave in a label."""
    found, labels = helm_release(item), item["metadata"].get("labels") or {}
    return item["metadata"]["namespace"], found[1] if found else labels.get("release", "")


def _not_one(found: list[PreviousStack], chosen: list[PreviousStack], release: str, namespace: str) -> str:
    listed = "; ".join(f"RELEASE={each.release} FROM_NAMESPACE={each.namespace}" for each in found)
    if not found:
        return "the cluster has no Prometheus or Alertmanager of another owner: nothing to adopt"
    if not chosen:
        return f"RELEASE, FROM_NAMESPACE: found {release or 'any'}, {namespace or 'any'}; allowed: {listed}"
    return f"the cluster has {len(chosen)} stacks that could be adopted; choose one: {listed}"


def _with_objects(cluster: Objects, previous: PreviousStack, own_namespaces: Collection[str]) -> PreviousStack:
    objects: dict[str, list[KubernetesObject]] = {}
    unread = {}
    for plural in (*_PATHS, *_METADATA_PATHS):
        try:
            objects[plural] = [item for item in _collection(cluster, plural) if not _is_own(item, own_namespaces)]
        except ClusterError as error:
            unread[plural] = str(error)
    configurations = {}
    for item in previous.alertmanagers:
        try:
            configurations[item["metadata"]["name"]] = _configuration(cluster, item)
        except (ClusterError, yaml.YAMLError) as error:
            unread[f"configuration of Alertmanager {item['metadata']['name']}"] = str(error)
    core = f"/api/v1/namespaces/{previous.namespace}"
    return PreviousStack(
        namespace=previous.namespace,
        release=previous.release,
        chart=previous.chart,
        prometheuses=previous.prometheuses,
        alertmanagers=previous.alertmanagers,
        objects=objects,
        claims=_items(cluster, f"{core}/persistentvolumeclaims"),
        services=_items(cluster, f"{core}/services"),
        configurations=configurations,
        unread=unread,
    )


def _collection(cluster: Objects, plural: str) -> list[KubernetesObject]:
    if plural in _METADATA_PATHS:
        return cluster.list_metadata(_METADATA_PATHS[plural])
    return _items(cluster, _PATHS[plural])


def _is_own(item: KubernetesObject, namespaces: Collection[str]) -> bool:
    return item["metadata"].get("namespace") in namespaces and is_by_provider(item)


def _configuration(cluster: Objects, alertmanager: KubernetesObject) -> Mapping[str, Any]:
    metadata = alertmanager["metadata"]
    path = f"/api/v1/namespaces/{metadata['namespace']}/secrets/alertmanager-{metadata['name']}-generated"
    text = secret_files(cluster.get(path)).get(CONFIGURATION_FILE, "")
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}


def _items(cluster: Objects, path: str) -> list[KubernetesObject]:
    """Return the objects of a collection; none if the cluster does not have the kind."""
    return list((cluster.get(path) or {}).get("items") or ())
