"""Table of every connection of the stack, which the network policies and `docs/operations/hardening.md` follow."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from common import ports
from common.exporters import EXPORTERS, Exporter
from common.labels import SELECTOR, pod_labels


class Port(NamedTuple):
    """A port of the destination pod, not of its Service.

    Attributes:
        number: Port number; None for all ports of the protocol.
        protocol: TCP or UDP.
    """

    number: int | None
    protocol: str = "TCP"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One end of a flow.

    Attributes:
        name: Name in the table of connections in the documentation.
        selector: Peer of a NetworkPolicy; None for any address, inside and outside the cluster.
    """

    name: str
    selector: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Component(Peer):
    """A component of the stack, in the stack's own namespace.

    Attributes:
        labels: Labels that select its pods.
    """

    labels: Mapping[str, str]


@dataclass(frozen=True)
class Flow:
    """Connections that `source` opens to `destination`.

    Attributes:
        source: Peer that opens the connections.
        destination: Peer that accepts them.
        ports: Ports of the destination.
        purpose: Purpose in a few words, for the table of connections in the documentation.
    """

    source: Peer
    destination: Peer
    ports: tuple[Port, ...]
    purpose: str


@dataclass(frozen=True, kw_only=True)
class NetworkInputs:
    """Inputs of the table of flows, from the settings of a stack.

    Attributes:
        deployed: Names of the components of the stack.
        core_dns: Whether CoreDNS is scraped.
        node_ports: Ports of nodes to scrape.
        exporter_ports: Ports of any address that an exporter connects to, by its name.
        notification_ports: Ports of any address for notifications.
        remote_write_ports: Ports of any address for remote write.
        remote_read_ports: Ports of any address for remote read.
        thanos_ports: Ports of Prometheus for queries through Thanos.
        thanos_metrics_ports: Ports of Prometheus for the metrics of the Thanos sidecar.
        object_storage_ports: Ports of any address for object storage.
        sign_on_ports: Ports of any address for single sign-on.
        scraped_namespaces: Namespaces of BAIS services.
        clients: Namespaces that may connect to Prometheus and Alertmanager.
        ingress_namespaces: Namespaces that may connect to Grafana; empty for any address.
        selector: Label of namespaces whose pods Prometheus may scrape.
    """

    deployed: frozenset[str]
    core_dns: bool = False
    node_ports: tuple[int, ...] = ()
    exporter_ports: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    notification_ports: tuple[int, ...] = ()
    remote_write_ports: tuple[int, ...] = ()
    remote_read_ports: tuple[int, ...] = ()
    thanos_ports: tuple[int, ...] = ()
    thanos_metrics_ports: tuple[int, ...] = ()
    object_storage_ports: tuple[int, ...] = ()
    sign_on_ports: tuple[int, ...] = ()
    scraped_namespaces: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    ingress_namespaces: tuple[str, ...] = ()
    selector: Mapping[str, str] = field(default_factory=lambda: SELECTOR)


def _component(name: str, labels: Mapping[str, str]) -> Component:
    return Component(name=name, labels=labels, selector={"podSelector": {"matchLabels": dict(labels)}})


def _chart_component(name: str, chart: str) -> Component:
    return _component(name, {"app.kubernetes.io/name": chart})


def _namespace(name: str) -> Peer:
    labels = {"kubernetes.io/metadata.name": name}
    return Peer(name=f"namespace {name}", selector={"namespaceSelector": {"matchLabels": labels}})


PROMETHEUS: Final = _component("prometheus", pod_labels("prometheus", "prometheus"))
ALERTMANAGER: Final = _component("alertmanager", pod_labels("alertmanager", "alertmanager"))
OPERATOR: Final = _chart_component("operator", "kube-prometheus-stack-prometheus-operator")
GRAFANA: Final = _chart_component("grafana", "grafana")


def exporter_component(exporter: Exporter) -> Component:
    """Return an exporter as a network policy selects it; only if it is not on nodes."""
    return _chart_component(exporter.name, exporter.chart)


def _selectable(exporters: Sequence[Exporter], *, per_server: bool) -> list[Exporter]:
    return [exporter for exporter in exporters if exporter.per_server == per_server and not exporter.on_nodes]


def components(exporters: Sequence[Exporter] = EXPORTERS) -> tuple[Component, ...]:
    """Return every component that network policies select, in their order."""
    return (
        PROMETHEUS,
        ALERTMANAGER,
        OPERATOR,
        *map(exporter_component, _selectable(exporters, per_server=False)),
        GRAFANA,
        *map(exporter_component, _selectable(exporters, per_server=True)),
    )


COMPONENTS: Final = components()

# Without a selector: these are not pods in all clusters. Nodes and the API server never are, and name servers may run
# on the nodes.
_NAME_SERVERS: Final = Peer(name="name servers")
_API_SERVER: Final = Peer(name="API server")
_NODES: Final = Peer(name="nodes")
_ANY_ADDRESS: Final = Peer(name="any address")
_CORE_DNS: Final = Peer(
    name="CoreDNS",
    selector={
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    },
)

_DNS_PORTS: Final = (Port(ports.DNS, "UDP"), Port(ports.DNS))
# The ports of the Service and of the server itself: some network plugins apply policies before the one is translated to
# the other, most of them after.
_API_PORTS: Final = (Port(ports.HTTPS), Port(ports.API_SERVER))
_MESH_PORTS: Final = (Port(ports.ALERTMANAGER_MESH), Port(ports.ALERTMANAGER_MESH, "UDP"))
_ALL_PORTS: Final = (Port(None),)


def _labelled_namespaces(labels: Mapping[str, str]) -> Peer:
    return Peer(
        name="namespaces with the selector label", selector={"namespaceSelector": {"matchLabels": dict(labels)}}
    )


def _tcp(*numbers: int) -> tuple[Port, ...]:
    return tuple(Port(number) for number in numbers)


def _scrape(exporter: Exporter) -> Flow:
    return Flow(PROMETHEUS, exporter_component(exporter), _tcp(*exporter.ports), exporter.scraped_for)


def _egress(exporters: Sequence[Exporter], inputs: NetworkInputs) -> Iterator[Flow]:
    for exporter in exporters:
        if (egress := exporter.egress) and egress.api_server:
            yield Flow(exporter_component(exporter), _API_SERVER, _API_PORTS, egress.purpose)
        elif egress:
            ports_of_targets = _tcp(*inputs.exporter_ports.get(exporter.name, ()))
            yield Flow(exporter_component(exporter), _ANY_ADDRESS, ports_of_targets, egress.purpose)


def flows(inputs: NetworkInputs, exporters: Sequence[Exporter] = EXPORTERS) -> tuple[Flow, ...]:
    """Return every flow of a stack, in the order of the documentation's table.

    Flows from or to a component that is not deployed are left out, as are flows without a port.
    """
    per_stack, per_server = (_selectable(exporters, per_server=each) for each in (False, True))
    scraped = (*map(_namespace, inputs.scraped_namespaces), _labelled_namespaces(inputs.selector))
    clients = tuple(map(_namespace, inputs.clients))
    # Grafana requires a login, so without a namespace in the settings any address may connect.
    grafana_clients = tuple(map(_namespace, inputs.ingress_namespaces)) or (_ANY_ADDRESS,)
    table = (
        *(Flow(component, _NAME_SERVERS, _DNS_PORTS, "resolve names") for component in components(exporters)),
        Flow(PROMETHEUS, _API_SERVER, _API_PORTS, "discover and scrape"),
        Flow(PROMETHEUS, _NODES, _tcp(*inputs.node_ports), "scrape kubelets and node exporters"),
        Flow(PROMETHEUS, _CORE_DNS, _tcp(ports.CORE_DNS_METRICS) if inputs.core_dns else (), "scrape"),
        *(Flow(PROMETHEUS, each, _ALL_PORTS, "scrape targets of other teams' monitors") for each in scraped),
        Flow(PROMETHEUS, PROMETHEUS, _tcp(ports.PROMETHEUS, ports.CONFIG_RELOADER), "scrape each other"),
        Flow(PROMETHEUS, PROMETHEUS, _tcp(*inputs.thanos_metrics_ports), "scrape Thanos sidecars"),
        Flow(PROMETHEUS, ALERTMANAGER, _tcp(ports.ALERTMANAGER, ports.CONFIG_RELOADER), "send alerts; scrape"),
        Flow(PROMETHEUS, OPERATOR, _tcp(ports.OPERATOR), "scrape"),
        *map(_scrape, per_stack),
        Flow(PROMETHEUS, GRAFANA, _tcp(ports.GRAFANA), "scrape"),
        *map(_scrape, per_server),
        Flow(PROMETHEUS, _ANY_ADDRESS, _tcp(*inputs.remote_write_ports), "remote write"),
        Flow(PROMETHEUS, _ANY_ADDRESS, _tcp(*inputs.remote_read_ports), "remote read"),
        Flow(PROMETHEUS, _ANY_ADDRESS, _tcp(*inputs.object_storage_ports), "upload blocks"),
        Flow(ALERTMANAGER, ALERTMANAGER, _MESH_PORTS, "gossip"),
        Flow(ALERTMANAGER, _ANY_ADDRESS, _tcp(*inputs.notification_ports), "notify"),
        Flow(OPERATOR, _API_SERVER, _API_PORTS, "watch and write objects"),
        *_egress(per_stack, inputs),
        Flow(GRAFANA, PROMETHEUS, _tcp(ports.PROMETHEUS), "query"),
        Flow(GRAFANA, ALERTMANAGER, _tcp(ports.ALERTMANAGER), "show alerts and silences"),
        Flow(GRAFANA, _API_SERVER, _API_PORTS, "find dashboards"),
        Flow(GRAFANA, _ANY_ADDRESS, _tcp(*inputs.sign_on_ports), "single sign-on"),
        *_egress(per_server, inputs),
        *(Flow(each, GRAFANA, _tcp(ports.GRAFANA), "open dashboards") for each in grafana_clients),
        *(Flow(each, PROMETHEUS, _tcp(ports.PROMETHEUS), "query") for each in clients),
        *(Flow(each, PROMETHEUS, _tcp(*inputs.thanos_ports), "query through Thanos") for each in clients),
        *(Flow(each, ALERTMANAGER, _tcp(ports.ALERTMANAGER), "send alerts, silence") for each in clients),
    )
    return tuple(flow for flow in table if flow.ports and _is_deployed(flow, inputs.deployed))


def _is_deployed(flow: Flow, deployed: frozenset[str]) -> bool:
    return all(end.name in deployed for end in (flow.source, flow.destination) if isinstance(end, Component))
