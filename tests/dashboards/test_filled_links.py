"""An alert's link fills the choices of its board: promtool evaluates the rules of a stack and expands their links."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml

from dashboards import catalogue
from dashboards.drilldown import narrowing
from local.tools import binary
from rules.panels import opening, parts
from tests.dashboards.drawn import CATALOGUE, RULES
from tests.fired import RULE_TESTS, fired
from tests.links import expanded

DECLARED: Final = {board.uid: board for board in catalogue.BOARDS}
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

each_file = pytest.mark.parametrize("file", sorted(RULE_TESTS.glob("*_test.yaml")), ids=lambda file: file.stem)
each_alert = pytest.mark.parametrize("name", BY_NAME)


def chosen(link: str) -> dict[str, str]:
    """What a link chooses, as a browser reads it."""
    query = dict(parse_qsl(urlsplit(link).query, strict_parsing=True))
    assert re.fullmatch(r"panel-\d+", query.pop("viewPanel"))
    return query


def evaluate(folder: Path, content: dict[str, Any]) -> None:
    """Have promtool evaluate the rules of a stack in these cases."""
    rules = {"groups": [group for area in RULES.values() for group in area["groups"]]}
    (folder / "rules.yaml").write_text(yaml.dump(rules, Dumper=yaml.CSafeDumper, allow_unicode=True))
    content = {**content, "rule_files": ["rules.yaml"]}
    (folder / "cases.yaml").write_text(yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False))
    command = [str(binary("promtool")), "test", "rules", "cases.yaml"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, (result.stdout + result.stderr)[:4000]


def firing(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The checks of a case that see an alert fire, with its links as a stack has them."""
    checks = [check for check in case.get("alert_rule_test", []) if check.get("exp_alerts")]
    return [
        {**check, "exp_alerts": [linked(check["alertname"], one) for one in check["exp_alerts"]]} for check in checks
    ]


def linked(name: str, alert: Mapping[str, Any]) -> dict[str, Any]:
    links = {
        "runbook_url": BY_NAME[name]["runbook_url"],
        "dashboard_url": expanded(BY_NAME[name]["dashboard_url"], alert["exp_labels"]),
    }
    return {**alert, "exp_annotations": {**alert["exp_annotations"], **links}}


@each_file
def test_wherever_an_alert_fires_prometheus_expands_its_link_to_what_its_labels_choose(
    file: Path, tmp_path: Path
) -> None:
    content = yaml.load(file.read_text(), yaml.CSafeLoader)
    # Without a check that an alert is silent: these are the business of the rules' own tests.
    tests = [{**case, "alert_rule_test": checks} for case in content["tests"] if (checks := firing(case))]
    if not tests:
        assert "windows" in file.stem
        return
    for case in tests:
        case.pop("promql_expr_test", None)
    evaluate(tmp_path, {**content, "tests": tests})


@each_alert
def test_a_link_that_prometheus_has_expanded_is_an_address_whose_choices_are_labels_of_the_alert(name: str) -> None:
    uid, slug = parts(CATALOGUE.alerts[name].annotations["dashboard_url"])
    choices = {f"var-{choice}": label for choice, label in narrowing(DECLARED[uid].panels[slug], DECLARED[uid]).items()}
    for one in fired()[name]:
        link = expanded(BY_NAME[name]["dashboard_url"], one.labels)
        assert re.fullmatch(r"[A-Za-z0-9:/?&=._~%+-]+", link), link
        present = {choice: one.labels[label] for choice, label in choices.items() if label in one.labels}
        assert chosen(link) == present
        assert bool(present) == (name not in CHOOSE_NOTHING)


@pytest.mark.parametrize("name", CHOOSES)
def test_a_link_chooses_what_the_alert_is_about(name: str) -> None:
    for one in fired()[name]:
        assert set(chosen(expanded(BY_NAME[name]["dashboard_url"], one.labels))) == CHOOSES[name]


def test_a_value_is_escaped_and_an_absent_label_left_out(tmp_path: Path) -> None:
    """Prometheus gets a route full of what an address is made of, of a process whose namespace is not known."""
    labels = {"job": "bais-api", "service": "bais-api", "route": ROUTE}
    name = "ApiRouteErrorRateHigh"
    link = (
        f"https://grafana.example.com/{opening('d/bais-api?viewPanel=error-rate-by-route')}&var-job=bais-api"
        "&var-route=%2Fv1%2Fa+b%26c%3Dd%2F%7Bid%7D%3Fe%23f%2B%C3%BC%25"
    )
    assert chosen(link) == {"var-job": "bais-api", "var-route": ROUTE}
    written = ", ".join(f'{label}="{value}"' for label, value in labels.items())
    rule = {**CATALOGUE.alerts[name].labels}
    texts = {key: text for key, text in BY_NAME[name].items() if key in ("summary", "impact", "action", "runbook_url")}
    description = f"/bais-api fails 50% of its requests to {ROUTE}."
    case = {
        "input_series": [
            {"series": f'http_requests_total{{{written}, status="{status}"}}', "values": "0+600x40"}
            for status in (200, 500)
        ],
        "alert_rule_test": [
            {
                "eval_time": "40m",
                "alertname": name,
                "exp_alerts": [
                    {
                        "exp_labels": {**labels, **rule},
                        "exp_annotations": {**texts, "description": description, "dashboard_url": link},
                    }
                ],
            }
        ],
    }
    evaluate(tmp_path, {"evaluation_interval": "1m", "tests": [case]})
