"""Days of the synthetic platform: traffic, determinism, scenarios and validation."""

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from common.problems import CatalogueError
from synthetic import days, targets
from synthetic.days import DAY, FILE, SCRAPE_SECONDS
from synthetic.evaluation import STEP_SECONDS, Rule, pending_and_firing, waves
from synthetic.targets import Target

TARGETS: Final = targets.load()
CONTENT: Final[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))


def of_kind(kind: str) -> tuple[Target, ...]:
    return tuple(target for target in TARGETS if target.kind == kind)[:1]


def values(name: str, kind: str, day: str = "healthy") -> list[float]:
    samples = days.load(TARGETS)[day].samples(of_kind(kind))
    return [sample.value for sample in samples if sample.name == name]


def write_days(folder: Path, **changed: Any) -> Path:
    path = folder / "days.yaml"
    path.write_text(yaml.safe_dump({**CONTENT, **changed}))
    return path


def test_a_day_is_deterministic() -> None:
    first, second = (list(days.load(TARGETS)["incident"].samples(of_kind("redis-exporter"))) for _ in range(2))
    assert first == second


def test_a_day_has_a_sample_per_scrape() -> None:
    samples = [sample for sample in days.load(TARGETS)["healthy"].samples(of_kind("api")) if sample.name == "up"]
    assert [sample.moment - days.START for sample in samples] == list(range(0, DAY, SCRAPE_SECONDS))


def test_traffic_is_higher_by_day_than_by_night() -> None:
    commits = values("pg_stat_database_xact_commit", "postgres-exporter")
    hour = 3600 // SCRAPE_SECONDS
    by_night, by_day = (commits[(at + 1) * hour] - commits[at * hour] for at in (3, 11))
    assert by_day / by_night == pytest.approx(CONTENT["traffic"][11] / CONTENT["traffic"][3], rel=0.1)


def test_a_counter_never_decreases() -> None:
    for name in ("http_requests_total", "bais_payments_total"):
        kind = "api" if name.startswith("http") else "worker"
        series: dict[str, list[float]] = {}
        for sample in days.load(TARGETS)["incident"].samples(of_kind(kind)):
            if sample.name == name:
                series.setdefault(str(sorted(sample.labels.items())), []).append(sample.value)
        assert series
        assert [found for found in series.values() if found != sorted(found)] == []


def test_a_value_of_a_scenario_is_exact() -> None:
    memory = values("redis_memory_used_bytes", "redis-exporter", "incident")
    assert max(memory) == 9.9e8


def test_cpu_seconds_add_up_to_the_elapsed_time() -> None:
    samples = [s for s in days.load(TARGETS)["healthy"].samples(of_kind("node-exporter")) if s.labels.get("cpu") == "0"]
    last = [sample.value for sample in samples if sample.moment == samples[-1].moment]
    assert sum(last) == pytest.approx(DAY - SCRAPE_SECONDS)


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    plays = [{"scenario": "slow-apj", "at": "1h"}, {"scenario": "slow-api", "at": "25h"}]
    path = write_days(tmp_path, busy=["apj"], days={"odd": {"plays": plays}})
    with pytest.raises(CatalogueError) as caught:
        days.load(TARGETS, path)
    assert [problem.key.rpartition(".")[2] for problem in caught.value.problems] == [
        "yaml: busy",
        "slow-apj",
        "slow-api",
    ]


@pytest.mark.parametrize("changed", [{"traffic": [1.0]}, {"noise": 2}, {"days": {"odd": {"plays": [{"at": "1h"}]}}}])
def test_a_file_of_another_format_is_rejected(tmp_path: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(CatalogueError, match=r"days\.yaml"):
        days.load(TARGETS, write_days(tmp_path, **changed))


def test_a_change_must_match_a_series(tmp_path: Path) -> None:
    changes = [{"of": "api", "metric": "no_such_metric", "value": 1}]
    with pytest.raises(CatalogueError, match="no_such_metric"):
        days.load(TARGETS, write_days(tmp_path, days={"odd": {"changes": changes}}))


def test_rules_are_evaluated_after_their_inputs_and_alerts_last() -> None:
    rules: list[Rule] = [
        {"alert": "A", "expr": "b > 1"},
        {"record": "b", "expr": "sum(a:x)", "labels": {"is": "one"}},
        {"record": "b", "expr": "up", "labels": {"is": "two"}},
        {"record": "a:x", "expr": "up"},
    ]
    assert [[rule.get("record", "alert") for rule in wave] for wave in waves(rules)] == [["a:x"], ["b", "b"], ["alert"]]


def test_cyclic_rules_are_rejected() -> None:
    with pytest.raises(ValueError, match="a, b"):
        waves([{"record": "a", "expr": "b"}, {"record": "b", "expr": "a"}])


def test_an_alert_is_pending_for_its_duration_and_restarts_after_a_gap() -> None:
    moments = [0, 1, 2, 3, 5, 6, 7]
    states = pending_and_firing({each * STEP_SECONDS: 1.0 for each in moments}, 2 * STEP_SECONDS)
    assert [(since // STEP_SECONDS, state) for _, since, state in states] == [
        *((0, state) for state in ("pending", "pending", "firing", "firing")),
        *((5, state) for state in ("pending", "pending", "firing")),
    ]
