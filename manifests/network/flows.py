"""Table of every connection of the stack, which the network policies and `docs/operations/hardening.md` follow."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from common import ports
from common.exporters import EXPORTERS, Exporter
from common.labels import SELECTOR, pod_labels


class Port(NamedTuple):
    """A port of the receiving pod, not of its Service; without a number all of the protocol."""

    number: int | None
    protocol: str = "TCP"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One end of a flow, as a NetworkPolicy selects it; without a selector any address, in the cluster or out of it."""

    name: str
    selector: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Component(Peer):
    """A component of the stack by its pods' labels, in the stack's own namespace."""

    labels: Mapping[str, str]


@dataclass(frozen=True)
class Flow:
    """Connections that `source` opens to `destination`."""

    source: Peer
    destination: Peer
    ports: tuple[Port, ...]
    purpose: str


@dataclass(frozen=True, kw_only=True)
class NetworkInputs:
    """What decides which flows a stack has: its components by name, ports of addresses outside, namespaces by name.

    `exporter_ports` has, by the name of an exporter, the ports of any address that it connects to.
    """

    deployed: frozenset[str]
    core_dns: bool = False
    node_ports: tuple[int, ...] = ()
    exporter_ports: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    notification_ports: tuple[int, ...] = ()
    remote_write_ports: tuple[int, ...] = ()
    thanos_ports: tuple[int, ...] = ()
    object_storage_ports: tuple[int, ...] = ()
    sign_on_ports: tuple[int, ...] = ()
    scraped_namespaces: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    ingress_namespaces: tuple[str, ...] = ()


def _component(name: str, labels: Mapping[str, str]) -> Component:
    return Component(name=name, labels=labels, selector={"podSelector": {"matchLabels": dict(labels)}})


def _of_chart(name: str, chart: str) -> Component:
    return _component(name, {"app.kubernetes.io/name": chart})


def _namespace(name: str) -> Peer:
    labels = {"kubernetes.io/metadata.name": name}
    return Peer(name=f"namespace {name}", selector={"namespaceSelector": {"matchLabels": labels}})


PROMETHEUS: Final = _component("prometheus", pod_labels("prometheus", "prometheus"))
ALERTMANAGER: Final = _component("alertmanager", pod_labels("alertmanager", "alertmanager"))
OPERATOR: Final = _of_chart("operator", "kube-prometheus-stack-prometheus-operator")
GRAFANA: Final = _of_chart("grafana", "grafana")


def component_of(exporter: Exporter) -> Component:
    """Return an exporter as a network policy selects it; one on the nodes' network is no component."""
    return _of_chart(exporter.name, exporter.chart)


def _selectable(exporters: Sequence[Exporter], *, per_server: bool) -> list[Exporter]:
    return [each for each in exporters if each.per_server == per_server and not each.on_nodes]


def components(exporters: Sequence[Exporter] = EXPORTERS) -> tuple[Component, ...]:
    """Return every component that network policies select, in the order of the policies."""
    return (
        PROMETHEUS,
        ALERTMANAGER,
        OPERATOR,
        *map(component_of, _selectable(exporters, per_server=False)),
        GRAFANA,
        *map(component_of, _selectable(exporters, per_server=True)),
    )


COMPONENTS: Final = components()

# Any address, since none of these is a pod that a policy could select everywhere: name servers may be on the node, and
# nodes and an API server are no pods at all.
_NAME_SERVERS: Final = Peer(name="name servers")
_API_SERVER: Final = Peer(name="API server")
_NODES: Final = Peer(name="nodes")
_OUTSIDE: Final = Peer(name="any address")
_CORE_DNS: Final = Peer(
    name="CoreDNS",
    selector={
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    },
)
_LABELLED: Final = Peer(
    name="namespaces with the selector label", selector={"namespaceSelector": {"matchLabels": dict(SELECTOR)}}
)

_DNS: Final = (Port(ports.DNS, "UDP"), Port(ports.DNS))
# The Service's port and that of the server itself: most network plugins look after the one is translated to the other.
_API: Final = (Port(ports.HTTPS), Port(ports.API_SERVER))
_MESH: Final = (Port(ports.ALERTMANAGER_MESH), Port(ports.ALERTMANAGER_MESH, "UDP"))
_ALL: Final = (Port(None),)


def _tcp(*numbers: int) -> tuple[Port, ...]:
    return tuple(Port(number) for number in numbers)


def _scrape(exporter: Exporter) -> Flow:
    return Flow(PROMETHEUS, component_of(exporter), _tcp(*exporter.ports), exporter.scraped_for)


def _egress(exporters: Sequence[Exporter], reach: NetworkInputs) -> Iterator[Flow]:
    for exporter in exporters:
        if (egress := exporter.egress) and egress.api_server:
            yield Flow(component_of(exporter), _API_SERVER, _API, egress.purpose)
        elif egress:
            reached = _tcp(*reach.exporter_ports.get(exporter.name, ()))
            yield Flow(component_of(exporter), _OUTSIDE, reached, egress.purpose)


def flows(reach: NetworkInputs, exporters: Sequence[Exporter] = EXPORTERS) -> tuple[Flow, ...]:
    """Every flow of a stack; none from or to a component that it has not, and none without a port."""
    per_stack, per_server = (_selectable(exporters, per_server=each) for each in (False, True))
    scraped = (*map(_namespace, reach.scraped_namespaces), _LABELLED)
    clients = tuple(map(_namespace, reach.clients))
    # Grafana asks for a login itself, so without a namespace to limit it to, anybody may knock.
    visitors = tuple(map(_namespace, reach.ingress_namespaces)) or (_OUTSIDE,)
    table = (
        *(Flow(component, _NAME_SERVERS, _DNS, "resolve names") for component in components(exporters)),
        Flow(PROMETHEUS, _API_SERVER, _API, "discover and scrape"),
        Flow(PROMETHEUS, _NODES, _tcp(*reach.node_ports), "scrape kubelets and node exporters"),
        Flow(PROMETHEUS, _CORE_DNS, _tcp(ports.CORE_DNS_METRICS) if reach.core_dns else (), "scrape"),
        *(Flow(PROMETHEUS, each, _ALL, "scrape what its teams' monitors name") for each in scraped),
        Flow(PROMETHEUS, PROMETHEUS, _tcp(ports.PROMETHEUS, ports.CONFIG_RELOADER), "scrape each other"),
        Flow(PROMETHEUS, ALERTMANAGER, _tcp(ports.ALERTMANAGER, ports.CONFIG_RELOADER), "send alerts; scrape"),
        Flow(PROMETHEUS, OPERATOR, _tcp(ports.OPERATOR), "scrape"),
        *map(_scrape, per_stack),
        Flow(PROMETHEUS, GRAFANA, _tcp(ports.GRAFANA), "scrape"),
        *map(_scrape, per_server),
        Flow(PROMETHEUS, _OUTSIDE, _tcp(*reach.remote_write_ports), "remote write"),
        Flow(PROMETHEUS, _OUTSIDE, _tcp(*reach.object_storage_ports), "upload blocks"),
        Flow(ALERTMANAGER, ALERTMANAGER, _MESH, "agree on who notifies"),
        Flow(ALERTMANAGER, _OUTSIDE, _tcp(*reach.notification_ports), "notify"),
        Flow(OPERATOR, _API_SERVER, _API, "watch and write objects"),
        *_egress(per_stack, reach),
        Flow(GRAFANA, PROMETHEUS, _tcp(ports.PROMETHEUS), "query"),
        Flow(GRAFANA, ALERTMANAGER, _tcp(ports.ALERTMANAGER), "show alerts and silences"),
        Flow(GRAFANA, _API_SERVER, _API, "find dashboards"),
        Flow(GRAFANA, _OUTSIDE, _tcp(*reach.sign_on_ports), "single sign-on"),
        *_egress(per_server, reach),
        *(Flow(each, GRAFANA, _tcp(ports.GRAFANA), "open dashboards") for each in visitors),
        *(Flow(each, PROMETHEUS, _tcp(ports.PROMETHEUS), "query") for each in clients),
        *(Flow(each, PROMETHEUS, _tcp(*reach.thanos_ports), "query through Thanos") for each in clients),
        *(Flow(each, ALERTMANAGER, _tcp(ports.ALERTMANAGER), "send alerts, silence") for each in clients),
    )
    return tuple(flow for flow in table if flow.ports and _is_deployed(flow, reach.deployed))


def _is_deployed(flow: Flow, deployed: frozenset[str]) -> bool:
    return all(end.name in deployed for end in (flow.source, flow.destination) if isinstance(end, Component))
