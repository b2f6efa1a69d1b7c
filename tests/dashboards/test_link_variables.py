"""An alert's link fills the choices of its board, as Prometheus expands it."""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
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
# What every alert about it says of itself, so that its link chooses it.
CHOOSES: Final = {
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
# A panel of addresses is narrowed by no choice: the namespace of such an alert is the prober's.
CHOOSE_NOTHING: Final = {
    *("EndpointProbeNotRunning", "EndpointProbeFailed", "EndpointHttpStatusUnexpected", "EndpointSlow"),
    *("EndpointDnsSlow", "UptimeBelowObjective", "AvailabilityBudgetBurnsFast", "AvailabilityBudgetBurnsSlowly"),
    *("CertificateExpiringSoon", "CertificateExpiryCritical", "CertificateExpired"),
    *("KubeApiServerErrors", "KubeApiServerSlow", "KubeClientCertificateExpiring", "Watchdog"),
}

each_alert = pytest.mark.parametrize("name", BY_NAME)


def chosen(link: str) -> dict[str, str]:
    """What a link chooses, as a browser reads it."""
    query = dict(parse_qsl(urlsplit(link).query, strict_parsing=True))
    assert re.fullmatch(r"panel-\d+", query.pop("viewPanel"))
    return query


def expanded_by_prometheus(folder: Path, alerts: Sequence[tuple[str, Mapping[str, str]]]) -> None:
    """Have promtool expand the links of these alerts, by name and labels, and compare each with what is expected.

    Only what the rule asks is a stand-in, a series with the labels: the rules' own tests see that it gives them.
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


def test_wherever_an_alert_fires_prometheus_expands_its_link_to_what_its_labels_choose(tmp_path: Path) -> None:
    expanded_by_prometheus(tmp_path, [(name, one.labels) for name in BY_NAME for one in expected_alerts()[name]])


@each_alert
def test_a_link_that_prometheus_has_expanded_is_an_address_whose_choices_are_labels_of_the_alert(name: str) -> None:
    uid, slug = link_parts(CATALOGUE.alerts[name].annotations["dashboard_url"])
    choices = {
        f"var-{choice}": label for choice, label in filter_variables(DECLARED[uid].panels[slug], DECLARED[uid]).items()
    }
    for one in expected_alerts()[name]:
        link = expand_link(BY_NAME[name]["dashboard_url"], one.labels)
        assert re.fullmatch(r"[A-Za-z0-9:/?&=._~%+-]+", link), link
        present = {choice: one.labels[label] for choice, label in choices.items() if label in one.labels}
        assert chosen(link) == present
        assert bool(present) == (name not in CHOOSE_NOTHING)


@pytest.mark.parametrize("name", CHOOSES)
def test_a_link_chooses_what_the_alert_is_about(name: str) -> None:
    for one in expected_alerts()[name]:
        assert set(chosen(expand_link(BY_NAME[name]["dashboard_url"], one.labels))) == CHOOSES[name]


def test_a_value_is_escaped_and_an_absent_label_left_out(tmp_path: Path) -> None:
    """A route full of what an address is made of, of a process whose namespace is not known."""
    labels = {"job": "bais-api", "service": "bais-api", "route": ROUTE}
    link = expand_link(BY_NAME["ApiRouteErrorRateHigh"]["dashboard_url"], labels)
    assert link.endswith("&var-job=bais-api&var-route=%2Fv1%2Fa+b%26c%3Dd%2F%7Bid%7D%3Fe%23f%2B%C3%BC%25")
    assert chosen(link) == {"var-job": "bais-api", "var-route": ROUTE}
    expanded_by_prometheus(tmp_path, [("ApiRouteErrorRateHigh", labels)])
