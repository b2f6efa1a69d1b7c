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
    for each in incident["worst"]:
        print(each["area"], "|", each["text"])
    assert [each["area"] for each in incident["worst"]] == ["api", "payments", "database"]


def test_on_the_healthy_day_there_is_nothing_to_improve(healthy: Reviewed) -> None:
    assert healthy["worst"] == []
    assert healthy["headline"].startswith("There is nothing to improve")


def test_a_period_longer_than_the_data_says_so(healthy: Reviewed) -> None:
    assert healthy["data"].startswith("The period is longer than the data: Prometheus has 1 d of 7d, from 2026-03-17")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("empty")
    (folder / CONFIGURATION).write_text("{}\n")
    with prometheus(folder) as address:
        yield address


def test_an_empty_prometheus_makes_every_section_unknown_except_silences(
    empty: str, review: Callable[[str, str], Reviewed]
) -> None:
    found = review(empty, "healthy")
    assert found["data"] == "Unknown: Prometheus has no data of up."
    assert [each["title"] for each in found["sections"] if not each["unknown"]] == ["Silences"]
    assert found["worst"] == []
