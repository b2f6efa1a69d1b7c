"""Mutations of the catalogue files, each of which a check must report."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Final

import pytest

pytestmark = pytest.mark.slow

Run = Callable[..., CompletedProcess[str]]

PYTEST: Final = ("pytest", "-q", "-p", "no:cacheprovider")
PROVES: Final = "FAILED tests/rules/test_rules.py::test_promtool_proves_every_case"
# By mutation: the changed file, the replacement, the check that must fail, and texts of its output.
MUTATIONS: Final = {
    "a metric renamed in an expression": (
        "rules/cache.yaml",
        ("redis_rejected_connections_total", "redis_refused_connections_total"),
        (*PYTEST, "tests/rules/test_exporter_metrics.py"),
        (
            "FAILED tests/rules/test_exporter_metrics.py::test_an_alert_reads_only_existing_metrics_and_labels[cache]",
            "RedisRejectedConnections: redis_refused_connections_total",
        ),
    ),
    "a metric of a service renamed": (
        "rules/api.yaml",
        ("service, pod) (http_requests_in_flight)", "service, pod) (http_requests_in_flight_now)"),
        (*PYTEST, "tests/catalogue/test_contract.py", "-k", "test_a_rule_reads"),
        ("[api]", "ApiRequestsPilingUp: http_requests_in_flight_now is not in the contract"),
    ),
    "a label dropped from an aggregation": (
        "rules/api.yaml",
        ("max by (namespace, job, service, queue)", "max by (namespace, job, service)"),
        (*PYTEST, "tests/rules/test_rules.py", "-k", "test_promtool_proves and WorkerQueueBacklog"),
        (f"{PROVES}[api-WorkerQueueBacklog]", "WorkerQueueBacklog: "),
    ),
    "a label dropped from an alert": (
        "rules/api.yaml",
        ("          severity: critical\n          team: api\n", "          severity: critical\n"),
        ("tools.catalogue",),
        ("api.yaml: ApiErrorRateHigh.labels.team: found no value; allowed: each of severity, team, area",),
    ),
    "a threshold raised in one place": (
        "rules/api.yaml",
        ("> 0.01  # tunable: api_error_ratio", "> 0.02  # tunable: api_error_ratio"),
        (*PYTEST, "tests/rules/test_rules.py", "-k", "test_promtool_proves and ApiErrorRateHigh"),
        (f"{PROVES}[api-ApiErrorRateHigh]", "ApiErrorRateHigh: "),
    ),
    "a threshold raised in one of two rules": (
        "rules/api.yaml",
        ("> 1  # tunable: api_minimum_request_rate", "> 2  # tunable: api_minimum_request_rate"),
        ("tools.catalogue",),
        ("found 1 for api_minimum_request_rate; allowed: 2, the default where it is first used",),
    ),
    "a heading deleted from a runbook": (
        "runbooks/ApiErrorRateHigh.md",
        ("## Mitigation\n", ""),
        (*PYTEST, "tests/catalogue/test_runbooks.py", "-k", "test_a_runbook_is_complete and api"),
        (
            "FAILED tests/catalogue/test_runbooks.py::test_a_runbook_is_complete[api]",
            "runbooks/ApiErrorRateHigh.md: headings: found ",
        ),
    ),
    "a misspelled severity": (
        "rules/api.yaml",
        ("severity: critical", "severity: critcal"),
        ("tools.catalogue",),
        ("api.yaml: ApiErrorRateHigh.labels.severity: found critcal; allowed: critical, warning, info, none",),
    ),
}


@pytest.mark.parametrize(("file", "change", "command", "reported"), MUTATIONS.values(), ids=MUTATIONS)
def test_a_broken_file_is_reported(
    checkout: Path, run: Run, file: str, change: tuple[str, str], command: tuple[str, ...], reported: tuple[str, ...]
) -> None:
    path = checkout / file
    text = path.read_text(encoding="utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    result = run(*command)
    assert result.returncode != 0
    assert [text for text in reported if text not in result.stdout] == [], result.stdout + result.stderr
