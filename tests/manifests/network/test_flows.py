import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

import pytest

from common.exporters import EXPORTERS
from common.labels import SELECTOR
from common.project import PROJECT
from manifests.network.flows import (
    ALERTMANAGER,
    COMPONENTS,
    GRAFANA,
    OPERATOR,
    PROMETHEUS,
    Component,
    Flow,
    NetworkInputs,
    Port,
    flows,
)
from manifests.network.policies import DEFAULT_DENY, policy_specs
from tests.network_policy_simulator import OUTSIDE, Pod, Policy, allowed

OWN: Final = "monitoring"
EVERYTHING: Final = NetworkInputs(
    deployed=frozenset(component.name for component in COMPONENTS),
    core_dns=True,
    node_ports=(9100, 10250),
    exporter_ports={exporter.name: exporter.egress.ports for exporter in EXPORTERS if exporter.egress}
    | {"blackbox-exporter": (443, 8443), "postgres-exporter": (5432,), "redis-exporter": (6379,)},
    notification_ports=(443, 587),
    remote_write_ports=(8428,),
    remote_read_ports=(9090,),
    sign_on_ports=(443,),
    scraped_namespaces=("bais",),
    clients=("reports",),
    ingress_namespaces=("ingress",),
)


def policies(inputs: NetworkInputs = EVERYTHING) -> list[Policy]:
    return [Policy(namespace=OWN, spec=spec) for spec in policy_specs(flows(inputs)).values()]


def pod(labels: Mapping[str, str], namespace: str = OWN, **namespace_labels: str) -> Pod:
    return Pod(namespace=namespace, labels={**labels, "another": "label"}, namespace_labels=namespace_labels)


PODS: Final = {component.name: pod(component.labels) for component in COMPONENTS} | {
    "outside": OUTSIDE,
    "stranger": pod({}),
    "api": pod({"app": "api"}, "bais"),
    "report": pod({"app": "report"}, "reports"),
    "proxy": pod({"app": "proxy"}, "ingress"),
    "labelled": Pod(namespace="team", labels={"app": "own"}, namespace_labels=SELECTOR),
    "coredns": pod({"k8s-app": "kube-dns"}, "kube-system"),
    "elsewhere": pod({"app": "web"}, "web"),
    "impostor": pod(PROMETHEUS.labels, "web"),
}

NEEDED: Final = (
    ("prometheus", "prometheus", 9090),
    ("prometheus", "prometheus", 8080),
    ("prometheus", "alertmanager", 9093),
    ("prometheus", "alertmanager", 8080),
    ("prometheus", "operator", 8080),
    ("prometheus", "kube-state-metrics", 8080),
    ("prometheus", "kube-state-metrics", 8081),
    ("prometheus", "blackbox-exporter", 9115),
    ("prometheus", "grafana", 3000),
    ("prometheus", "postgres-exporter", 9187),
    ("prometheus", "redis-exporter", 9121),
    ("prometheus", "coredns", 9153),
    ("prometheus", "api", 8000),
    ("prometheus", "labelled", 12345),
    ("prometheus", "outside", 9100),
    ("prometheus", "outside", 10250),
    ("prometheus", "outside", 443),
    ("prometheus", "outside", 6443),
    ("prometheus", "outside", 8428),
    ("prometheus", "elsewhere", 9090),
    ("alertmanager", "alertmanager", 9094),
    ("alertmanager", "outside", 443),
    ("alertmanager", "outside", 587),
    ("operator", "outside", 443),
    ("operator", "outside", 6443),
    ("kube-state-metrics", "outside", 6443),
    ("blackbox-exporter", "outside", 8443),
    ("blackbox-exporter", "api", 443),
    ("grafana", "prometheus", 9090),
    ("grafana", "alertmanager", 9093),
    ("grafana", "outside", 6443),
    ("grafana", "outside", 443),
    ("postgres-exporter", "elsewhere", 5432),
    ("redis-exporter", "outside", 6379),
    ("proxy", "grafana", 3000),
    ("report", "prometheus", 9090),
    ("report", "alertmanager", 9093),
)
DENIED: Final = (
    ("prometheus", "elsewhere", 8000),
    ("prometheus", "outside", 22),
    ("prometheus", "stranger", 9090),
    ("prometheus", "grafana", 22),
    ("alertmanager", "prometheus", 9090),
    ("alertmanager", "outside", 6443),
    ("operator", "prometheus", 9090),
    ("operator", "outside", 587),
    ("kube-state-metrics", "alertmanager", 9093),
    ("kube-state-metrics", "outside", 80),
    ("blackbox-exporter", "outside", 5432),
    ("blackbox-exporter", "prometheus", 9090),
    ("grafana", "kube-state-metrics", 8080),
    ("grafana", "outside", 5432),
    ("postgres-exporter", "outside", 443),
    ("redis-exporter", "postgres-exporter", 9187),
    ("stranger", "prometheus", 9090),
    ("stranger", "outside", 53),
    ("elsewhere", "prometheus", 9090),
    ("impostor", "alertmanager", 9093),
    ("outside", "prometheus", 9090),
    ("outside", "alertmanager", 9094),
    ("outside", "grafana", 3000),
    ("elsewhere", "grafana", 3000),
    ("proxy", "prometheus", 9090),
    ("report", "prometheus", 8080),
    ("api", "kube-state-metrics", 8080),
)


def flow_id(flow: tuple[str, str, int]) -> str:
    return "{} to {} {}".format(*flow)


@pytest.mark.parametrize("flow", NEEDED, ids=flow_id)
def test_required_connections_are_allowed(flow: tuple[str, str, int]) -> None:
    source, destination, port = flow
    assert allowed(policies(), PODS[source], PODS[destination], port)


@pytest.mark.parametrize("flow", DENIED, ids=flow_id)
def test_other_connections_are_denied(flow: tuple[str, str, int]) -> None:
    source, destination, port = flow
    assert not allowed(policies(), PODS[source], PODS[destination], port)


@pytest.mark.parametrize("flow", NEEDED, ids=flow_id)
def test_udp_is_allowed_only_for_name_resolution_and_gossip(flow: tuple[str, str, int]) -> None:
    source, destination, port = flow
    assert allowed(policies(), PODS[source], PODS[destination], port, "UDP") is (port == 9094)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.name)
@pytest.mark.parametrize("protocol", ["TCP", "UDP"])
@pytest.mark.parametrize("server", ["coredns", "outside"])
def test_every_component_resolves_names(component: Component, protocol: str, server: str) -> None:
    assert allowed(policies(), PODS[component.name], PODS[server], 53, protocol)


@pytest.mark.parametrize(
    "flow", flows(EVERYTHING)[len(COMPONENTS) :], ids=lambda flow: f"{flow.source.name}: {flow.purpose}"
)
def test_every_flow_has_a_required_connection(flow: Flow) -> None:
    """Each flow has a row in NEEDED, except those to name servers, which come first."""
    alone = [Policy(namespace=OWN, spec=spec) for spec in policy_specs([flow]).values()]
    ends = {flow.source.name, flow.destination.name}
    assert any(
        allowed(alone, PODS[source], PODS[destination], port)
        for source, destination, port in NEEDED
        if ends & {source, destination}
    )


def test_all_other_pods_of_the_namespace_are_denied() -> None:
    deny = policy_specs(flows(EVERYTHING))[DEFAULT_DENY]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_a_component_that_is_not_deployed_has_no_policy_and_no_flow() -> None:
    few = NetworkInputs(deployed=frozenset({PROMETHEUS.name, ALERTMANAGER.name, OPERATOR.name}))
    assert list(policy_specs(flows(few))) == [DEFAULT_DENY, "prometheus", "alertmanager", "operator"]
    absent = {component.name for component in COMPONENTS} - few.deployed
    assert GRAFANA.name in absent
    assert not any({flow.source.name, flow.destination.name} & absent for flow in flows(few))


def test_without_external_ports_there_is_no_egress_to_them() -> None:
    few = NetworkInputs(deployed=EVERYTHING.deployed)
    for port in (25, 443, 587, 5432, 6379, 8428):
        assert not allowed(policies(few), PODS["alertmanager"], OUTSIDE, port)
        assert not allowed(policies(few), PODS["blackbox-exporter"], OUTSIDE, port)
        assert not allowed(policies(few), PODS["postgres-exporter"], OUTSIDE, port)
    assert not allowed(policies(few), PODS["prometheus"], OUTSIDE, 9100)
    assert not allowed(policies(few), PODS["prometheus"], PODS["coredns"], 9153)
    assert not allowed(policies(few), PODS["report"], PODS["prometheus"], 9090)


def test_without_ingress_namespaces_any_address_can_connect_to_grafana() -> None:
    few = NetworkInputs(deployed=EVERYTHING.deployed)
    assert allowed(policies(few), OUTSIDE, PODS["grafana"], 3000)
    assert allowed(policies(few), PODS["elsewhere"], PODS["grafana"], 3000)
    assert not allowed(policies(few), OUTSIDE, PODS["grafana"], 9090)


@pytest.mark.parametrize("destination", ["outside", "api"])
def test_the_simulator_rejects_a_policy_with_an_unknown_field(destination: str) -> None:
    spec = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]}
    with pytest.raises(ValueError, match="ipBlock"):
        allowed([Policy(namespace=OWN, spec=spec)], PODS["prometheus"], PODS[destination], 443)


def test_the_documentation_has_the_same_table() -> None:
    """For ports of any address the page names the setting instead."""
    inputs = dataclasses.replace(
        EVERYTHING,
        scraped_namespaces=("of a BAIS service",),
        clients=("in `network.clients`",),
        ingress_namespaces=("in `network.ingressNamespaces`",),
    )
    page = (PROJECT / "docs" / "operations" / "hardening.md").read_text()
    _, _, *lines = page[page.index("| from |") :].partition("\n\n")[0].splitlines()
    names, *others = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    assert names == ["every component", "name servers", "53/UDP, 53", "resolve names"]
    table = flows(inputs)[len(COMPONENTS) :]
    assert [(source, destination, purpose) for source, destination, _, purpose in others] == [
        (flow.source.name, flow.destination.name, flow.purpose) for flow in table
    ]
    for (_, destination, ports, _), flow in zip(others, table, strict=True):
        assert ports == format_ports(flow.ports) or destination == "any address"


def format_ports(ports: Sequence[Port]) -> str:
    return ", ".join(f"{port.number or 'all'}{'' if port.protocol == 'TCP' else '/' + port.protocol}" for port in ports)
