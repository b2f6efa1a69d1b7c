"""Whatever is broken in the catalogue is named: each try breaks one thing in a copy and runs what has to notice."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

pytestmark = pytest.mark.slow

Run = Callable[..., CompletedProcess[str]]

PYTEST = ("pytest", "-q", "-p", "no:cacheprovider")
TRIES = {
    "a metric renamed in an expression": (
        "rules/cache.yaml",
        ("redis_rejected_connections_total", "redis_refused_connections_total"),
        (*PYTEST, "tests/rules/test_exporter_metrics.py"),
        "FAILED tests/rules/test_exporter_metrics.py::"
        "test_an_alert_reads_only_metrics_and_labels_that_an_exporter_has[RedisRejectedConnections]",
    ),
    "a metric of the application renamed": (
        "rules/api.yaml",
        ("http_requests_in_flight\n", "http_requests_in_flight_now\n"),
        (*PYTEST, "tests/catalogue/test_contract.py", "-k", "ApiRequestsPilingUp"),
        "[ApiRequestsPilingUp]",
    ),
    "a label dropped from an aggregation": (
        "rules/api.yaml",
        ("max by (namespace, job, service, queue)", "max by (namespace, job, service)"),
        (*PYTEST, "tests/rules/test_rules.py", "-k", "WorkerQueueBacklog"),
        "FAILED tests/rules/test_rules.py::test_promtool_proves[WorkerQueueBacklog]",
    ),
    "a label dropped from an alert": (
        "rules/api.yaml",
        ("          severity: critical\n          team: api\n", "          severity: critical\n"),
        ("tools.catalogue",),
        "api.yaml: ApiErrorRateHigh.labels.team: found nothing; allowed: each of severity, team, area",
    ),
    "a limit raised in one place": (
        "rules/api.yaml",
        ("> 0.01  # tunable: api_error_ratio", "> 0.02  # tunable: api_error_ratio"),
        (*PYTEST, "tests/rules/test_rules.py", "-k", "ApiErrorRateHigh"),
        "FAILED tests/rules/test_rules.py::test_promtool_proves[ApiErrorRateHigh]",
    ),
    "a limit raised in one of two rules": (
        "rules/api.yaml",
        ("> 1  # tunable: api_minimum_request_rate", "> 2  # tunable: api_minimum_request_rate"),
        ("tools.catalogue",),
        "found 1 for api_minimum_request_rate; allowed: 2, as where it stands first",
    ),
    "a heading deleted from a runbook": (
        "runbooks/ApiErrorRateHigh.md",
        ("## Mitigation\n", ""),
        (*PYTEST, "tests/catalogue/test_runbooks.py", "-k", "ApiErrorRateHigh"),
        "FAILED tests/catalogue/test_runbooks.py::test_a_runbook_is_complete[ApiErrorRateHigh]",
    ),
    "a severity misspelt": (
        "rules/api.yaml",
        ("severity: critical", "severity: critcal"),
        ("tools.catalogue",),
        "api.yaml: ApiErrorRateHigh.labels.severity: found critcal; allowed: critical, warning, info, none",
    ),
}


@pytest.mark.parametrize(("file", "change", "command", "named"), TRIES.values(), ids=TRIES)
def test_what_is_broken_is_named(
    checkout: Path, run: Run, file: str, change: tuple[str, str], command: tuple[str, ...], named: str
) -> None:
    path = checkout / file
    text = path.read_text(encoding="utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    result = run(*command)
    assert result.returncode != 0
    assert named in result.stdout, result.stdout + result.stderr
