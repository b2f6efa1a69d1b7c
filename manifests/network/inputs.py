"""What a stack's settings make of the flows: which components there are, and which ports lie outside."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from manifests.network.flows import (
    ALERTMANAGER,
    BLACKBOX_EXPORTER,
    GRAFANA,
    KUBE_STATE_METRICS,
    OPERATOR,
    POSTGRES_EXPORTER,
    PROMETHEUS,
    REDIS_EXPORTER,
    NetworkInputs,
)
from settings.grafana import SignOn
from settings.notifications import NotificationsSettings
from settings.probes import ProbesSettings
from settings.stack import StackSettings

_HTTPS: Final = 443
_NODE_EXPORTER: Final = 9100
_KUBELET: Final = 10250
_THANOS: Final = 10901


def network_inputs(settings: StackSettings) -> NetworkInputs:
    """What a stack reaches; the one place where a new component says that it is deployed, and which ports it asks."""
    deployed = (
        (PROMETHEUS, True),
        (ALERTMANAGER, True),
        (OPERATOR, True),
        (KUBE_STATE_METRICS, settings.kube_state_metrics.enabled),
        (BLACKBOX_EXPORTER, settings.blackbox_exporter.enabled),
        (GRAFANA, settings.grafana.enabled),
        (POSTGRES_EXPORTER, bool(settings.postgres)),
        (REDIS_EXPORTER, bool(settings.redis)),
    )
    on_nodes = (
        (_NODE_EXPORTER, settings.node_exporter.enabled),
        (_KUBELET, settings.operator.cluster_targets.kubelet),
    )
    thanos = settings.prometheus.thanos
    return NetworkInputs(
        deployed=frozenset(component.name for component, enabled in deployed if enabled),
        core_dns=settings.operator.cluster_targets.core_dns,
        node_ports=tuple(port for port, enabled in on_nodes if enabled),
        probed_ports=_sorted(_probed(settings.probes)),
        notification_ports=_sorted(_notified(settings.notifications)),
        remote_write_ports=_sorted(port_of_url(each.url) for each in settings.prometheus.remote_write),
        thanos_ports=(_THANOS,) if thanos else (),
        # Of every provider that Thanos knows; the address itself stands in a Secret.
        object_storage_ports=(_HTTPS,) if thanos and thanos.object_storage else (),
        database_ports=_sorted(port_of_endpoint(each.address) for each in settings.postgres),
        cache_ports=_sorted(port_of_endpoint(each.address) for each in settings.redis),
        sign_on_ports=_sorted(_signed_on(settings.grafana.sign_on)),
        scraped_namespaces=tuple(sorted({each.namespace for each in settings.services})),
        clients=settings.network.clients,
        ingress_namespaces=settings.network.ingress_namespaces,
    )


def port_of_url(url: str) -> int:
    """The port that an http or https address leads to."""
    parts = urlsplit(url)
    return parts.port or {"http": 80, "https": _HTTPS}[parts.scheme]


def port_of_endpoint(endpoint: str) -> int:
    """The port of a host and port such as `db.example.com:5432`."""
    return int(endpoint.rpartition(":")[2])


def _probed(probes: ProbesSettings) -> Iterable[int]:
    if probes.http:
        yield _HTTPS  # Where plain HTTP commonly redirects to.
    yield from (port_of_url(probe.url) for probe in probes.http)
    yield from (port_of_endpoint(probe.address) for probe in (*probes.tls, *probes.tcp))


def _notified(notifications: NotificationsSettings) -> Iterable[int]:
    """The addresses of webhooks are secret, so their port cannot be read from them: it is that of HTTPS."""
    if notifications.slack or notifications.pagerduty or notifications.dead_mans_switch:
        yield _HTTPS
    if notifications.email:
        yield port_of_endpoint(notifications.email.smarthost)


def _signed_on(sign_on: SignOn | None) -> Iterable[int]:
    return map(port_of_url, (sign_on.token_url, sign_on.api_url)) if sign_on else ()


def _sorted(ports: Iterable[int]) -> tuple[int, ...]:
    """Each port once, in an order that does not change from run to run."""
    return tuple(sorted(set(ports)))
