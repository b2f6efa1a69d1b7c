"""Plan of a cluster from the settings and rules of its stack."""

from collections.abc import Mapping
from typing import Any

from catalogue.stack import rule_name
from common import ports
from routing.routes import alertmanager_configuration
from routing.templates import templates
from settings.stack import StackSettings
from verification.model import ClusterPlan, Instance


def cluster_plan(settings: StackSettings, rules: Mapping[str, Mapping[str, Any]]) -> ClusterPlan:
    """Return what the cluster of a stack must run; `rules` are the rendered rule files by area."""
    prometheus, alertmanager = settings.prometheus, settings.alertmanager
    return ClusterPlan(
        context=settings.cluster.context,
        namespace=settings.namespace,
        prometheus=Instance(
            kind="Prometheus", name="prometheus", pods=prometheus.replicas * prometheus.shards, port=ports.PROMETHEUS
        ),
        alertmanager=Instance(
            kind="Alertmanager", name="alertmanager", pods=alertmanager.replicas, port=ports.ALERTMANAGER
        ),
        rules={rule_name(area): spec for area, spec in rules.items()},
        configuration=alertmanager_configuration(settings.notifications, settings.links),
        templates=templates(),
        selector=settings.selector,
        route_namespaces=frozenset({settings.namespace, *settings.operator.secret_namespaces})
        if settings.operator.enabled
        else None,
    )
