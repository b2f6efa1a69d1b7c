"""Every connection that the stack needs: one table, which the network policies and `docs/hardening.md` follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from common.labels import SELECTOR, pod_labels
from manifests.exporters import BLACKBOX_EXPORTER_PORT


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
    """What decides which flows a stack has: its components by name, ports of addresses outside, namespaces by name."""

    deployed: frozenset[str]
    core_dns: bool = False
    node_ports: tuple[int, ...] = ()
    probed_ports: tuple[int, ...] = ()
    notification_ports: tuple[int, ...] = ()
    remote_write_ports: tuple[int, ...] = ()
    thanos_ports: tuple[int, ...] = ()
    object_storage_ports: tuple[int, ...] = ()
    database_ports: tuple[int, ...] = ()
    cache_ports: tuple[int, ...] = ()
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
KUBE_STATE_METRICS: Final = _of_chart("kube-state-metrics", "kube-state-metrics")
BLACKBOX_EXPORTER: Final = _of_chart("blackbox-exporter", "prometheus-blackbox-exporter")
GRAFANA: Final = _of_chart("grafana", "grafana")
POSTGRES_EXPORTER: Final = _of_chart("postgres-exporter", "prometheus-postgres-exporter")
REDIS_EXPORTER: Final = _of_chart("redis-exporter", "prometheus-redis-exporter")
COMPONENTS: Final = (
    PROMETHEUS,
    ALERTMANAGER,
    OPERATOR,
    KUBE_STATE_METRICS,
    BLACKBOX_EXPORTER,
    GRAFANA,
    POSTGRES_EXPORTER,
    REDIS_EXPORTER,
)

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

_DNS: Final = (Port(53, "UDP"), Port(53))
# The Service's port and that of the server itself: most network plugins look after the one is translated to the other.
_API: Final = (Port(443), Port(6443))
_ALL: Final = (Port(None),)
_WEB: Final = 9090
_ALERTS: Final = 9093
_RELOADER: Final = 8080
_PAGES: Final = 3000


def _tcp(*numbers: int) -> tuple[Port, ...]:
    return tuple(Port(number) for number in numbers)


def flows(reach: NetworkInputs) -> tuple[Flow, ...]:
    """Every flow of a stack; none from or to a component that it has not, and none without a port."""
    scraped = (*map(_namespace, reach.scraped_namespaces), _LABELLED)
    clients = tuple(map(_namespace, reach.clients))
    # Grafana asks for a login itself, so without a namespace to limit it to, anybody may knock.
    visitors = tuple(map(_namespace, reach.ingress_namespaces)) or (_OUTSIDE,)
    table = (
        *(Flow(component, _NAME_SERVERS, _DNS, "resolve names") for component in COMPONENTS),
        Flow(PROMETHEUS, _API_SERVER, _API, "discover and scrape"),
        Flow(PROMETHEUS, _NODES, _tcp(*reach.node_ports), "scrape kubelets and node exporters"),
        Flow(PROMETHEUS, _CORE_DNS, _tcp(9153) if reach.core_dns else (), "scrape"),
        *(Flow(PROMETHEUS, each, _ALL, "scrape what its teams' monitors name") for each in scraped),
        Flow(PROMETHEUS, PROMETHEUS, _tcp(_WEB, _RELOADER), "scrape each other"),
        Flow(PROMETHEUS, ALERTMANAGER, _tcp(_ALERTS, _RELOADER), "send alerts; scrape"),
        Flow(PROMETHEUS, OPERATOR, _tcp(8080), "scrape"),
        Flow(PROMETHEUS, KUBE_STATE_METRICS, _tcp(8080, 8081), "scrape"),
        Flow(PROMETHEUS, BLACKBOX_EXPORTER, _tcp(BLACKBOX_EXPORTER_PORT), "probe; scrape"),
        Flow(PROMETHEUS, GRAFANA, _tcp(_PAGES), "scrape"),
        Flow(PROMETHEUS, POSTGRES_EXPORTER, _tcp(9187), "scrape"),
        Flow(PROMETHEUS, REDIS_EXPORTER, _tcp(9121), "scrape"),
        Flow(PROMETHEUS, _OUTSIDE, _tcp(*reach.remote_write_ports), "remote write"),
        Flow(PROMETHEUS, _OUTSIDE, _tcp(*reach.object_storage_ports), "upload blocks"),
        Flow(ALERTMANAGER, ALERTMANAGER, (Port(9094), Port(9094, "UDP")), "agree on who notifies"),
        Flow(ALERTMANAGER, _OUTSIDE, _tcp(*reach.notification_ports), "notify"),
        Flow(OPERATOR, _API_SERVER, _API, "watch and write objects"),
        Flow(KUBE_STATE_METRICS, _API_SERVER, _API, "watch objects"),
        Flow(BLACKBOX_EXPORTER, _OUTSIDE, _tcp(*reach.probed_ports), "run the probes"),
        Flow(GRAFANA, PROMETHEUS, _tcp(_WEB), "query"),
        Flow(GRAFANA, ALERTMANAGER, _tcp(_ALERTS), "show alerts and silences"),
        Flow(GRAFANA, _API_SERVER, _API, "find dashboards"),
        Flow(GRAFANA, _OUTSIDE, _tcp(*reach.sign_on_ports), "single sign-on"),
        Flow(POSTGRES_EXPORTER, _OUTSIDE, _tcp(*reach.database_ports), "ask the databases"),
        Flow(REDIS_EXPORTER, _OUTSIDE, _tcp(*reach.cache_ports), "ask the caches"),
        *(Flow(each, GRAFANA, _tcp(_PAGES), "open dashboards") for each in visitors),
        *(Flow(each, PROMETHEUS, _tcp(_WEB), "query") for each in clients),
        *(Flow(each, PROMETHEUS, _tcp(*reach.thanos_ports), "query through Thanos") for each in clients),
        *(Flow(each, ALERTMANAGER, _tcp(_ALERTS), "send alerts, silence") for each in clients),
    )
    return tuple(flow for flow in table if flow.ports and _is_deployed(flow, reach.deployed))


def _is_deployed(flow: Flow, deployed: frozenset[str]) -> bool:
    return all(end.name in deployed for end in (flow.source, flow.destination) if isinstance(end, Component))
