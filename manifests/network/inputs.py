"""Inputs of the network flows, from a stack's settings."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from common import ports
from common.exporters import BLACKBOX_EXPORTER, EXPORTERS, NODE_EXPORTER, Exporter
from manifests.network.flows import ALERTMANAGER, GRAFANA, OPERATOR, PROMETHEUS, NetworkInputs, exporter_component
from settings.grafana import SignOn
from settings.notifications import NotificationsSettings
from settings.probes import ProbesSettings
from settings.stack import StackSettings


def network_inputs(settings: StackSettings, exporters: Sequence[Exporter] = EXPORTERS) -> NetworkInputs:
    """Return the components of a stack, and ports and namespaces of their flows."""
    present = [exporter for exporter in exporters if settings.has_exporter(exporter)]
    exporter_components = [exporter_component(exporter) for exporter in present if not exporter.on_nodes]
    deployed = [PROMETHEUS, ALERTMANAGER, *exporter_components]
    if settings.operator.enabled:
        deployed.append(OPERATOR)
    if settings.grafana.enabled:
        deployed.append(GRAFANA)
    thanos = settings.prometheus.thanos
    return NetworkInputs(
        deployed=frozenset(component.name for component in deployed),
        core_dns=settings.operator.cluster_targets.core_dns,
        node_ports=(
            *(port for exporter in present if exporter.on_nodes for port in _node_ports(settings, exporter)),
            *([ports.KUBELET] if settings.operator.cluster_targets.kubelet else []),
        ),
        exporter_ports=_exporter_ports(settings, present),
        notification_ports=_unique(_notification_ports(settings.notifications)),
        remote_write_ports=_unique(port_of_url(receiver.url) for receiver in settings.prometheus.remote_write),
        remote_read_ports=_unique(port_of_url(source.url) for source in settings.prometheus.remote_read),
        thanos_ports=(ports.THANOS,) if thanos else (),
        thanos_metrics_ports=(ports.THANOS_METRICS,) if thanos else (),
        # HTTPS for every provider; the address itself is in a Secret.
        object_storage_ports=(ports.HTTPS,) if thanos and thanos.object_storage else (),
        sign_on_ports=_unique(_sign_on_ports(settings.grafana.sign_on)),
        scraped_namespaces=tuple(sorted({service.namespace for service in settings.services})),
        clients=settings.network.clients,
        ingress_namespaces=settings.network.ingress_namespaces,
        selector=settings.selector,
    )


def port_of_url(url: str) -> int:
    """Return the port of an http or https URL, explicit or by default."""
    parts = urlsplit(url)
    return parts.port or {"http": ports.HTTP, "https": ports.HTTPS}[parts.scheme]


def port_of_endpoint(endpoint: str) -> int:
    """Return the port of an endpoint such as `db.example.com:5432`."""
    return int(endpoint.rpartition(":")[2])


def _node_ports(settings: StackSettings, exporter: Exporter) -> tuple[int, ...]:
    """Return the ports of the nodes that an exporter takes; that of the node exporter is a setting."""
    return (settings.node_exporter.port,) if exporter == NODE_EXPORTER else exporter.ports


def _exporter_ports(settings: StackSettings, present: Sequence[Exporter]) -> Mapping[str, tuple[int, ...]]:
    """Return the ports that each exporter connects to: of its row, servers and probes."""
    found = {
        exporter.name: {
            *exporter.egress.ports,
            *(port_of_endpoint(server.address) for server in settings.servers(exporter)),
            *(_probe_ports(settings.probes) if exporter == BLACKBOX_EXPORTER else ()),
        }
        for exporter in present
        if exporter.egress and not exporter.egress.api_server
    }
    return {name: _unique(numbers) for name, numbers in found.items()}


def _probe_ports(probes: ProbesSettings) -> Iterable[int]:
    if probes.http:
        yield ports.HTTPS  # Plain HTTP usually redirects to HTTPS.
    yield from (port_of_url(probe.url) for probe in probes.http)
    yield from (port_of_endpoint(probe.address) for probe in (*probes.tls, *probes.tcp))


def _notification_ports(notifications: NotificationsSettings) -> Iterable[int]:
    """Yield the ports of the enabled channels."""
    # The URLs of webhooks are secret, so their port cannot be read from the settings.
    if notifications.slack or notifications.pagerduty or notifications.dead_mans_switch:
        yield ports.HTTPS
    if notifications.email:
        yield port_of_endpoint(notifications.email.smarthost)


def _sign_on_ports(sign_on: SignOn | None) -> Iterable[int]:
    return map(port_of_url, (sign_on.token_url, sign_on.api_url)) if sign_on else ()


def _unique(ports: Iterable[int]) -> tuple[int, ...]:
    """Return each port once, sorted, so that the policies are the same in every run."""
    return tuple(sorted(set(ports)))
