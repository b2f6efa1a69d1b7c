"""Objects that the program creates in the stack's namespace, whose names other teams may already use there.

Objects of the charts are left out: Helm refuses to take over those of others. Secrets are read by
`preflight/generated_secrets.py`.
"""

from collections.abc import Iterator
from typing import Final

from catalogue.model import AREAS
from common.exporters import REDIS_EXPORTER
from dashboards import runbooks
from dashboards.stack import BOARDS
from manifests.cluster_objects import operator_role
from manifests.custom_resources import custom_resources
from manifests.network.flows import flows
from manifests.network.inputs import network_inputs
from manifests.network.policies import policy_specs
from manifests.volume_claims import planned_claims
from settings.stack import StackSettings

# Resource of each kind that is read by name, because lists of these kinds hold the objects of everyone.
BY_NAME: Final = {
    "ConfigMap": "configmaps",
    "PodDisruptionBudget": "poddisruptionbudgets.policy",
    "Role": "roles.rbac.authorization.k8s.io",
    "RoleBinding": "rolebindings.rbac.authorization.k8s.io",
    "ServiceAccount": "serviceaccounts",
}


def namespaced_objects(settings: StackSettings) -> frozenset[tuple[str, str]]:
    """Return kind and name of each object that the program creates in the stack's namespace."""
    parts = (_storage_and_network, _instances, _grafana, _exporters)
    return custom_resources(settings) | {each for part in parts for each in part(settings)}


def _storage_and_network(settings: StackSettings) -> Iterator[tuple[str, str]]:
    claims = planned_claims(
        prometheus=settings.prometheus, alertmanager=settings.alertmanager, grafana=settings.grafana
    )
    yield from (("PersistentVolumeClaim", claim.name) for claim in claims)
    if settings.network.policies:
        yield from (("NetworkPolicy", name) for name in policy_specs(flows(network_inputs(settings))))


def _instances(settings: StackSettings) -> Iterator[tuple[str, str]]:
    """Yield what belongs to the operator, Prometheus and Alertmanager."""
    if settings.operator.enabled:
        yield from _role(operator_role(settings))
    for name, instance in (("prometheus", settings.prometheus), ("alertmanager", settings.alertmanager)):
        yield "Service", name
        yield "ServiceAccount", name
        if instance.replicas > 1:
            yield "PodDisruptionBudget", name
    if settings.prometheus.thanos:
        yield "Service", "prometheus-thanos"
    yield from (("ConfigMap", f"runbooks-{area}") for area in AREAS)


def _grafana(settings: StackSettings) -> Iterator[tuple[str, str]]:
    yield from (("ConfigMap", f"dashboard-{board.uid}") for board in BOARDS)
    if settings.links.runbooks_in_grafana:
        yield from (("ConfigMap", f"dashboard-{runbooks.uid(area)}") for area in AREAS)
    if settings.grafana.enabled:
        yield from _role("grafana")
        if settings.grafana.ingress:
            yield "Ingress", "grafana"


def _exporters(settings: StackSettings) -> Iterator[tuple[str, str]]:
    for server in settings.servers(REDIS_EXPORTER):
        yield "ServiceAccount", f"{REDIS_EXPORTER.name}-{server.name}"


def _role(name: str) -> Iterator[tuple[str, str]]:
    yield "Role", name
    yield "RoleBinding", name
