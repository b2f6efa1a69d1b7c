"""Reviews of the healthy day and of the incident day, from a real Prometheus and a real Alertmanager."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner

from local.prometheus import CONFIGURATION, prometheus
from operations.cli import main
from operations.review.prometheus import Prometheus
from tools.delivery.alertmanager import alertmanager
from tools.stored_days import serve, stored_days

pytestmark = pytest.mark.slow

# A review of a stored day, as JSON.
Reviewed = Mapping[str, Any]


@pytest.fixture(scope="module")
def days() -> Iterator[str]:
    with serve() as address:
        yield address


@pytest.fixture(scope="module")
def silences(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    configuration = {"route": {"receiver": "none"}, "receivers": [{"name": "none"}]}
    with alertmanager(tmp_path_factory.mktemp("alertmanager"), configuration) as running:
        running.silence("alertname", "NodeCpuHigh")
        yield running.address


@pytest.fixture(scope="module")
def review(silences: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Reviewed]:
    def run(address: str, day: str) -> Reviewed:
        until = f"{datetime.fromtimestamp(stored_days()[day].ends, UTC):%Y-%m-%dT%H:%MZ}"
        folder = tmp_path_factory.mktemp(day)
        options = ("--stack", "prod", "--url", address, "--alertmanager", silences, "--until", until)
        result = CliRunner().invoke(main, ["review", *options, "--output", str(folder), "--json"])
        assert result.exit_code == 0, result.output
        found: Reviewed = {**json.loads(result.output), "folder": folder}
        return found

    return run


@pytest.fixture(scope="module")
def incident(days: str, review: Callable[[str, str], Reviewed]) -> Reviewed:
    return review(days, "incident")


@pytest.fixture(scope="module")
def healthy(days: str, review: Callable[[str, str], Reviewed]) -> Reviewed:
    return review(days, "healthy")


def section(found: Reviewed, title: str) -> Mapping[str, Any]:
    """Return a section of a review."""
    sections: list[Mapping[str, Any]] = found["sections"]
    (one,) = [each for each in sections if each["title"] == title]
    return one


def column(found: Reviewed, title: str, heading: str) -> list[Any]:
    """Return the values of a column of a section's first table."""
    table = section(found, title)["tables"][0]
    (number,) = [number for number, each in enumerate(table["columns"]) if each["title"] == heading]
    return [row[number] for row in table["rows"]]


def test_the_incident_day_is_reviewed_with_its_three_worst_problems(incident: Reviewed) -> None:
    """After a rollout the API leaks database connections, until requests and payments fail."""
    payments, api, database = incident["worst"]
    assert [each["area"] for each in (payments, api, database)] == ["payments", "api", "database"]
    assert payments["text"].startswith("The error budget payments of bais/worker is exhausted: -397 % left.")
    assert api["text"].startswith("The error budget errors of bais/api is exhausted: -77 % left.")
    assert database["text"] == (
        "Critical alerts fired for 59 min: DatabasePoolExhausted (54 min) and PostgresDown (5 min). "
        "Requests wait for a connection until they time out. Customers get errors. "
        "DatabasePoolExhausted fires at the end: "
        "Find what holds the connections, slow statements or open transactions, and end it."
    )


def test_exactly_the_alerts_of_the_incident_day_are_not_among_those_that_never_fired(incident: Reviewed) -> None:
    silent = {name for names in column(incident, "Never fired", "alerts") for name in names.split(", ")}
    fired = stored_days()["incident"].day.expects
    assert silent & fired == set()
    assert section(incident, "Alerts")["conclusion"].startswith(f"{len(fired)} alerts fired ")


def test_every_section_of_the_incident_day_is_known(incident: Reviewed) -> None:
    unknown = {each["title"]: each["unknown"] for each in incident["sections"] if each["unknown"]}
    # The synthetic platform has no containers of the stack, and no requests of memory.
    assert list(unknown) == ["Requests and usage"]
    assert len(unknown["Requests and usage"]) == 3


def test_pages_of_the_night_are_listed(incident: Reviewed) -> None:
    pages = column(incident, "Pages", "page at night")
    assert {"BruteForceSuspected", "CertificateExpiryCritical", "ApiErrorRateHigh"} <= set(pages)
    # At three in the afternoon.
    assert "PostgresDown" not in pages


def test_the_volume_that_fills_has_days_left(incident: Reviewed, healthy: Reviewed) -> None:
    assert column(incident, "Storage", "days until full") == ["12"]
    assert column(healthy, "Storage", "days until full") == ["does not grow"]


def test_failed_sign_ins_are_compared_with_the_day_before(incident: Reviewed) -> None:
    counts = column(incident, "Security", "count"), column(incident, "Security", "period before")
    assert counts[0][0] > 7 * counts[1][0] > 0


def test_silences_are_those_of_alertmanager_now(healthy: Reviewed) -> None:
    assert column(healthy, "Silences", "matchers") == ['alertname="NodeCpuHigh"']
    assert 0 < column(healthy, "Silences", "left")[0] <= 3600


def test_the_report_has_a_chart_of_pages_budgets_and_storage(incident: Reviewed) -> None:
    assert sorted(path.name for path in incident["folder"].iterdir()) == [
        "budgets.svg", "pages.svg", "review.html", "review.md", "storage.svg",
    ]  # fmt: skip
    assert (incident["folder"] / "review.html").read_text().count("<svg") == 3


def test_on_the_healthy_day_there_is_nothing_to_improve(healthy: Reviewed) -> None:
    assert healthy["worst"] == []
    assert healthy["headline"] == "There is nothing to improve, as far as it is known."
    assert healthy["unknown"] == "Not or only partly known: Requests and usage."
    conclusions = {each["title"]: each["conclusion"] for each in healthy["sections"]}
    assert conclusions["Alerts"] == "No alert fired."
    assert conclusions["Error budgets"].startswith("No error budget is exhausted")


def test_a_period_longer_than_the_data_says_so(healthy: Reviewed) -> None:
    assert healthy["data"] == (
        "The period is longer than the data: Prometheus has 1 d of 7 days, "
        "from 2026-03-17 00:00 to 2026-03-17 23:59 UTC. All figures are of that time."
    )


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("empty")
    (folder / CONFIGURATION).write_text("rule_files: [rules.yaml]\n")
    # A rule without a result.
    rule = "{record: job:up, expr: sum by (job) (up)}"
    (folder / "rules.yaml").write_text(f"groups: [{{name: targets, interval: 30s, rules: [{rule}]}}]\n")
    with prometheus(folder) as address:
        yield address


def test_an_empty_prometheus_makes_every_section_unknown_except_silences(
    empty: str, review: Callable[[str, str], Reviewed]
) -> None:
    found = review(empty, "healthy")
    assert found["data"] == "Unknown: Prometheus has no data of up."
    assert found["headline"] == "Unknown: 11 of 12 sections could not be read."
    assert [each["title"] for each in found["sections"] if not each["unknown"]] == ["Silences"]
    assert found["worst"] == []


def test_the_rules_of_a_prometheus_are_read_with_their_interval(empty: str) -> None:
    assert [(rule.group, rule.name, rule.interval) for rule in Prometheus(empty).rules()] == [("targets", "job:up", 30)]
