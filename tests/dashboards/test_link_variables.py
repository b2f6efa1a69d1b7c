"""Tests of the dashboard variables that alert links set, as Prometheus expands the links."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import pytest

from catalogue.panel_links import link_parts
from dashboards import stack
from dashboards.rendering.drilldown import filter_variables
from local.tools.toolset import binary
from tools.boards.rendered_boards import CATALOGUE, RULES
from tools.expanded_links import expand_link
from tools.expected_alerts import expected_alerts

DECLARED: Final = {board.uid: board for board in stack.BOARDS}
BY_NAME: Final[Mapping[str, Mapping[str, str]]] = {
    rule["alert"]: rule["annotations"]
    for area in RULES.values()
    for group in area["groups"]
    for rule in group["rules"]
    if "alert" in rule
}
# Variables that the links of some alerts set.
EXPECTED_VARIABLES: Final = {
    "ApiRouteErrorRateHigh": {"var-namespace", "var-job", "var-route"},
    "PaymentProviderFailing": {"var-namespace", "var-provider"},
    "PostgresConnectionsHigh": {"var-database"},
    "RedisMemoryHigh": {"var-cache"},
    "NodeCpuHigh": {"var-node"},
    "KubePodCrashLooping": {"var-namespace", "var-pod"},
    "DatabasePoolExhausted": {"var-namespace"},
    "TargetDown": {"var-namespace", "var-job"},
}
ROUTE: Final = "/v1/a b&c=d/{id}?e#f+ü%"
# No variable filters a panel of probed addresses: the namespace of such an alert is the prober's.
WITHOUT_VARIABLES: Final = {
    *("EndpointProbeNotRunning", "EndpointProbeFailed", "GrafanaEndpointFailed", "EndpointSlow"),
    *("EndpointDnsSlow", "UptimeBelowObjective", "AvailabilityBudgetBurnsFast", "AvailabilityBudgetBurnsSlowly"),
    *("CertificateExpiringSoon", "CertificateExpiryCritical", "CertificateExpired"),
    *("KubeApiServerErrors", "KubeApiServerSlow", "KubeClientCertificateExpiring", "Watchdog"),
    *("PostgresReplicaDisconnected", "PrometheusScrapeLimitNear"),
    *("CoreDnsErrorsHigh", "CoreDnsPanics", "KubeStateMetricsListErrors"),
}

AREAS: Final = sorted({alert.area for alert in CATALOGUE.alerts.values()})


def variables_of(link: str) -> dict[str, str]:
    """Return the variables in a link, as a browser parses it."""
    query = dict(parse_qsl(urlsplit(link).query, strict_parsing=True))
    assert re.fullmatch(r"\d+", query.pop("viewPanel"))
    return query


def expanded_by_prometheus(folder: Path, alerts: Sequence[tuple[str, Mapping[str, str]]]) -> None:
    """Let promtool expand the links of alerts, by name and labels, and compare them with the expected links.

    The rules' expressions are replaced by series with the labels; the rules' own tests check the expressions.
    """
    rules, series, checks = [], [], []
    for number, (name, labels) in enumerate(alerts):
        link = BY_NAME[name]["dashboard_url"]
        selected = ",".join(f"{label}={json.dumps(value)}" for label, value in labels.items())
        rules.append({"alert": f"A{number}", "expr": f"series_{number}", "annotations": {"link": link}})
        series.append({"series": f"series_{number}{{{selected}}}", "values": "1"})
        fires = {"exp_labels": dict(labels), "exp_annotations": {"link": expand_link(link, labels)}}
        checks.append({"eval_time": "0m", "alertname": f"A{number}", "exp_alerts": [fires]})
    cases = {"rule_files": ["rules.json"], "tests": [{"input_series": series, "alert_rule_test": checks}]}
    (folder / "rules.json").write_text(json.dumps({"groups": [{"name": "links", "rules": rules}]}))
    (folder / "cases.json").write_text(json.dumps(cases))
    command = [str(binary("promtool")), "test", "rules", "cases.json"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, (result.stdout + result.stderr)[:4000]


def test_prometheus_expands_every_link_as_expected(tmp_path: Path) -> None:
    expanded_by_prometheus(tmp_path, [(name, one.labels) for name in BY_NAME for one in expected_alerts()[name]])


def link_problems(name: str) -> Iterator[str]:
    """Yield the problems of an alert's expanded links, one link per firing case of the rule tests."""
    uid, slug = link_parts(CATALOGUE.alerts[name].annotations["dashboard_url"])
    labels = filter_variables(DECLARED[uid].panels[slug], DECLARED[uid])
    for one in expected_alerts()[name]:
        link = expand_link(BY_NAME[name]["dashboard_url"], one.labels)
        if not re.fullmatch(r"[A-Za-z0-9:/?&=._~%+-]+", link):
            yield f"{name}: {link} is not a valid address"
        expected = {f"var-{variable}": one.labels[label] for variable, label in labels.items() if label in one.labels}
        if variables_of(link) != expected:
            yield f"{name}: {link} does not set {expected}"
        if bool(expected) != (name not in WITHOUT_VARIABLES):
            yield f"{name}: {link} sets {len(expected)} variables; add the alert to WITHOUT_VARIABLES or correct it"


@pytest.mark.parametrize("area", AREAS)
def test_expanded_links_are_valid_and_set_variables_from_the_alerts_labels(area: str) -> None:
    names = [name for name in BY_NAME if CATALOGUE.alerts[name].area == area]
    assert names
    assert [name for name in names if not expected_alerts()[name]] == []
    assert [problem for name in names for problem in link_problems(name)] == []


@pytest.mark.parametrize("name", EXPECTED_VARIABLES)
def test_a_link_sets_the_variables_that_identify_the_problem(name: str) -> None:
    for one in expected_alerts()[name]:
        assert set(variables_of(expand_link(BY_NAME[name]["dashboard_url"], one.labels))) == EXPECTED_VARIABLES[name]


def test_values_are_escaped_and_missing_labels_omitted(tmp_path: Path) -> None:
    """Use a route full of reserved characters, and no namespace."""
    labels = {"job": "bais-api", "service": "bais-api", "route": ROUTE}
    link = expand_link(BY_NAME["ApiRouteErrorRateHigh"]["dashboard_url"], labels)
    assert link.endswith("&var-job=bais-api&var-route=%2Fv1%2Fa+b%26c%3Dd%2F%7Bid%7D%3Fe%23f%2B%C3%BC%25")
    assert variables_of(link) == {"var-job": "bais-api", "var-route": ROUTE}
    expanded_by_prometheus(tmp_path, [("ApiRouteErrorRateHigh", labels)])
