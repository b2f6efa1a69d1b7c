from typing import Any, Final

import pytest

from manifests.network.inputs import network_inputs, port_of_endpoint, port_of_url
from settings.loader import LoadResult, RawConfig, build_settings, load_sections

ALL_SECRETS: Final = frozenset(
    {
        "slackCriticalWebhookUrl",
        "slackWarningWebhookUrl",
        "slackSecurityWebhookUrl",
        "pagerdutyRoutingKey",
        "smtpPassword",
        "deadMansSwitchUrl",
    }
)
EMAIL: Final = {"from": "m@bais.example", "smarthost": "smtp.example:587", "onCall": "o@bais.example"}


def load(**changes: Any) -> LoadResult:
    values: dict[str, Any] = {
        "environment": "prod",
        "cluster": {"name": "bais-prod"},
        "namespace": "monitoring",
        "links": {"runbooks": "https://runbooks.example", "grafana": "https://grafana.example"},
        "notifications": {"email": EMAIL},
    }
    return load_sections(RawConfig(stack="prod", values=values | changes, secrets=ALL_SECRETS))


def inputs(**changes: Any) -> Any:
    loaded = load(**changes)
    assert loaded.problems == ()
    return network_inputs(build_settings(loaded))


def test_a_disabled_component_is_not_deployed() -> None:
    assert "kube-state-metrics" in inputs().deployed
    assert "kube-state-metrics" not in inputs(kubeStateMetrics={"enabled": False}).deployed
    assert "blackbox-exporter" not in inputs(blackboxExporter={"enabled": False}).deployed
    assert {"prometheus", "alertmanager", "operator"} <= inputs().deployed


@pytest.mark.parametrize(
    ("changes", "ports"),
    [
        ({}, (9100, 10250)),
        ({"nodeExporter": {"enabled": False}}, (10250,)),
        ({"operator": {"clusterTargets": {"kubelet": False}}}, (9100,)),
    ],
)
def test_node_ports_are_those_of_the_scrape_targets(changes: dict[str, Any], ports: tuple[int, ...]) -> None:
    assert inputs(**changes).node_ports == ports


def test_coredns_is_included_if_it_is_scraped() -> None:
    assert inputs().core_dns is True
    assert inputs(operator={"clusterTargets": {"coreDns": False}}).core_dns is False


def test_ports_of_http_probes_include_https_for_redirects() -> None:
    probes = {
        "http": [{"name": "api", "url": "http://api.example", "service": "api"}],
        "tls": [{"name": "mail", "address": "smtp.example:465", "service": "mail"}],
        "tcp": [{"name": "db", "address": "[2001:db8::1]:5432", "service": "db"}],
    }
    assert inputs(probes=probes).exporter_ports["blackbox-exporter"] == (80, 443, 465, 5432)
    assert inputs().exporter_ports["blackbox-exporter"] == ()


@pytest.mark.parametrize(
    ("notifications", "ports"),
    [
        ({"email": EMAIL}, (587,)),
        ({"slack": {}}, (443,)),
        ({"email": EMAIL, "deadMansSwitch": True}, (443, 587)),
        ({"email": EMAIL, "pagerduty": True}, (443, 587)),
    ],
)
def test_notification_ports_are_those_of_the_enabled_channels(
    notifications: dict[str, Any], ports: tuple[int, ...]
) -> None:
    assert inputs(notifications=notifications).notification_ports == ports


def test_other_teams_namespaces_come_from_the_settings() -> None:
    found = inputs(network={"clients": ["reports"], "ingressNamespaces": ["ingress"]})
    assert (found.clients, found.ingress_namespaces) == (("reports",), ("ingress",))


def test_the_port_of_a_url_or_endpoint_is_found() -> None:
    assert [port_of_url(url) for url in ("http://a", "https://a/b", "https://a:8443/b")] == [80, 443, 8443]
    assert port_of_endpoint("db.example:5432") == 5432


@pytest.mark.parametrize(
    ("changes", "key", "found", "allowed"),
    [
        ({"network": {"clients": "reports"}}, "network.clients", '"reports"', "a list of namespaces such as"),
        ({"network": {"clients": ["Reports"]}}, "network.clients[0]", '"Reports"', "a Kubernetes name"),
        ({"network": {"policies": "no"}}, "network.policies", '"no"', "true or false"),
        ({"network": {"client": []}}, "network.client", "an unknown key", "clients"),
        ({"scheduling": {"priorityClass": "High!"}}, "scheduling.priorityClass", '"High!"', "a Kubernetes object"),
        (
            {"notifications": {"email": EMAIL | {"smarthost": "smtp.example:99999"}}},
            "notifications.email.smarthost",
            '"smtp.example:99999"',
            "a host and port",
        ),
    ],
)
def test_an_invalid_value_is_reported_with_its_key_and_allowed_values(
    changes: dict[str, Any], key: str, found: str, allowed: str
) -> None:
    (problem,) = load(**changes).problems
    assert (problem.key, problem.found) == (f"monitoring:{key}", found)
    assert allowed in problem.allowed
