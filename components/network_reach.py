"""What a stack's settings make of the flows: which pieces there are, and which ports lie outside."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from components.network_flows import (
    ALERTMANAGER,
    BLACKBOX_EXPORTER,
    KUBE_STATE_METRICS,
    OPERATOR,
    PROMETHEUS,
    Reach,
)
from components.notifications import Notifications
from components.probes import Probes
from components.settings import Settings

_HTTPS: Final = 443
_NODE_EXPORTER: Final = 9100
_KUBELET: Final = 10250


def reach(settings: Settings) -> Reach:
    """What a stack reaches; the one place where a new piece says that it is deployed, and which ports it asks."""
    deployed = (
        (PROMETHEUS, True),
        (ALERTMANAGER, True),
        (OPERATOR, True),
        (KUBE_STATE_METRICS, settings.kube_state_metrics.enabled),
        (BLACKBOX_EXPORTER, settings.blackbox_exporter.enabled),
    )
    on_nodes = (
        (_NODE_EXPORTER, settings.node_exporter.enabled),
        (_KUBELET, settings.operator.cluster_targets.kubelet),
    )
    return Reach(
        deployed=frozenset(piece.name for piece, enabled in deployed if enabled),
        core_dns=settings.operator.cluster_targets.core_dns,
        node_ports=tuple(port for port, enabled in on_nodes if enabled),
        probed_ports=_sorted(_probed(settings.probes)),
        notification_ports=_sorted(_notified(settings.notifications)),
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


def _probed(probes: Probes) -> Iterable[int]:
    if probes.http:
        yield _HTTPS  # Where plain HTTP commonly redirects to.
    yield from (port_of_url(probe.url) for probe in probes.http)
    yield from (port_of_endpoint(probe.address) for probe in (*probes.tls, *probes.tcp))


def _notified(notifications: Notifications) -> Iterable[int]:
    """The addresses of webhooks are secret, so their port cannot be read from them: it is that of HTTPS."""
    if notifications.slack or notifications.pagerduty or notifications.dead_mans_switch:
        yield _HTTPS
    if notifications.email:
        yield port_of_endpoint(notifications.email.smarthost)


def _sorted(ports: Iterable[int]) -> tuple[int, ...]:
    """Each port once, in an order that does not change from run to run."""
    return tuple(sorted(set(ports)))
