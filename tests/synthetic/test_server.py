"""Server of the synthetic platform: metrics contract, clock and scenarios."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from catalogue import contract
from common.problems import CatalogueError
from synthetic import scenarios, targets
from synthetic.__main__ import main
from synthetic.server import TARGETS as PATH
from synthetic.server import render_page, serve
from synthetic.world import World

TARGETS: Final = targets.load()
SCENARIOS: Final = scenarios.load(TARGETS)
FILES: Final = {
    "steady.yaml": "redis:\n  labels: {job: redis}\n  each: {instance: [a, b]}\n  metrics: {redis_up: [{value: 1}]}\n",
    "scenario.yaml": (
        "summary: Redis is down.\nlasts: 5m\nexpects: [RedisDown]\n"
        "changes: [{of: redis, target: {instance: a}, metric: redis_up, value: 0, from: 1m}]\n"
    ),
}


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve(World(TARGETS)) as url:
        yield url


Write = Callable[[str, str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a small file with a replacement."""

    def write_file(file: str, old: str, new: str) -> Path:
        assert old in FILES[file]
        path = tmp_path / file
        path.write_text(FILES[file].replace(old, new))
        return path

    return write_file


def value(world: World, name: str, **labels: str) -> float:
    """Return the value of a sample on the page of the first target with this metric."""
    target = next(target for target in world.targets if any(name.startswith(one.name) for one in target.series))
    found = [
        sample.value
        for family in text_string_to_metric_families(render_page(world, target))
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("service", contract.SERVICES)
def test_a_service_fulfils_the_metrics_contract(address: str, service: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert contract.main([f"{address}/{service}/0/metrics", "--service", service]) == 0
    assert f"{service}: " in capsys.readouterr().out


@pytest.mark.parametrize("service", contract.SERVICES)
def test_a_counter_with_listed_labels_exists_from_the_start(service: str) -> None:
    target = next(target for target in TARGETS if target.kind == service)
    for metric in contract.load().values():
        if service in metric.services and metric.type == "counter":
            series = [one.labels for one in target.series if one.name == metric.name]
            for label, values in metric.labels.items():
                assert (
                    isinstance(values, str) or label in ("method", "reason") or {s[label] for s in series} == {*values}
                )


def test_service_discovery_lists_every_target_with_its_labels(address: str) -> None:
    with urlopen(f"{address}/targets") as response:
        found = json.load(response)
    assert len(found) == len(TARGETS)
    for each, target in zip(found, TARGETS, strict=True):
        assert each["labels"]["job"]
        with urlopen(f"http://{each['targets'][0]}{each['labels']['__metrics_path__']}") as response:
            families = list(text_string_to_metric_families(response.read().decode()))
            assert bool(families) == bool(target.series)


def test_an_unknown_path_lists_the_available_ones(address: str) -> None:
    with pytest.raises(HTTPError, match="404") as error:
        urlopen(f"{address}/metrics")
    assert "/api/0/metrics" in error.value.read().decode()


@pytest.mark.parametrize("speed", [1, 60])
def test_a_counter_increases_with_the_clock(clock: Clock, speed: float) -> None:
    world = World(TARGETS, speed=speed, clock=clock)
    clock.now += 10
    assert value(world, "redis_keyspace_hits_total") == pytest.approx(950 * 10 * speed)


def test_a_histogram_distributes_its_observations(clock: Clock) -> None:
    world = World(TARGETS, clock=clock)
    clock.now += 100
    route = {"route": "/payments"}
    assert value(world, "http_request_duration_seconds_bucket", le="0.1", **route) == pytest.approx(640)
    assert value(world, "http_request_duration_seconds_bucket", le="+Inf", **route) == pytest.approx(800)
    assert value(world, "http_request_duration_seconds_sum", **route) == pytest.approx(
        640 * 0.04 + 144 * 0.15 + 16 * 0.3
    )


def test_a_scenario_changes_its_series_and_ends(clock: Clock) -> None:
    world = World(TARGETS, speed=60, clock=clock)
    errors = {"route": "/payments", "status": "500"}
    clock.now += 5
    assert world.start(SCENARIOS["api-error-burst"]) == pytest.approx(30)
    clock.now += 10
    assert value(world, "http_requests_total", **errors) == pytest.approx(3 * 600)
    clock.now += 100
    assert value(world, "http_requests_total", **errors) == pytest.approx(3 * 1800)


def test_a_gauge_moves_linearly_and_returns(clock: Clock) -> None:
    world = World(TARGETS, clock=clock)
    world.start(SCENARIOS["redis-out-of-memory"])
    clock.now += 150
    assert value(world, "redis_memory_used_bytes") == pytest.approx(7.45e8)
    clock.now += 1000
    assert value(world, "redis_memory_used_bytes") == pytest.approx(9.9e8)
    clock.now += 3600
    assert value(world, "redis_memory_used_bytes") == pytest.approx(5e8)


def test_a_timestamp_is_relative_to_real_time(clock: Clock) -> None:
    world = World(TARGETS, speed=60, clock=clock)
    world.start(SCENARIOS["certificate-near-expiry"])
    clock.now += 1
    assert value(world, "probe_ssl_earliest_cert_expiry") == clock.now + 5 * 86400


def test_a_target_that_is_gone_is_not_discovered(clock: Clock) -> None:
    world = World(TARGETS, clock=clock)
    world.start(SCENARIOS["service-gone"])
    with serve(world) as url, urlopen(f"{url}{PATH}") as response:
        jobs = {each["labels"]["job"] for each in json.load(response)}
    assert {target.labels["job"] for target in TARGETS} - jobs == {"webhook-dispatcher"}


def test_only_the_unreachable_target_returns_503(clock: Clock) -> None:
    world = World(TARGETS, clock=clock)
    world.start(SCENARIOS["pod-unreachable"])
    clock.now += 1
    with serve(world) as url:
        with pytest.raises(HTTPError, match="503"):
            urlopen(f"{url}/api/1/metrics")
        with urlopen(f"{url}/api/0/metrics") as response:
            assert response.status == 200


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("value: 1", "value: 1, rate: 1", r"redis\.metrics\.redis_up\.0: .*one of rate, value"),
        ("value: 1", "valve: 1", r"redis\.metrics\.redis_up\.0\.valve"),
        ("labels: {job: redis}", "labels: {job: redis}\n  service: api", "http_requests_total: found missing"),
        ("labels: {job: redis}", "labels: {job: redis}\n  service: apl", r"service: found 'apl'; allowed: api"),
        ("value: 1", "rate: 1, seconds: {0.1: 1}", "buckets: found none"),
        ("value: 1", "rate: 1, seconds: {0.1: 0.9}, buckets: [1]", "with a sum of 1"),
        ("metrics: {", "metrics: {{", "allowed: valid YAML"),
    ],
)
def test_a_problem_in_the_targets_is_reported(write: Write, old: str, new: str, expected: str) -> None:
    with pytest.raises(CatalogueError, match=expected):
        targets.load(write("steady.yaml", old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("of: redis", "of: redid", r"changes\.0\.of: found 'redid'; allowed: redis"),
        ("instance: a", "instance: c", r"changes\.0\.target: found {'instance': 'c'}"),
        ("metric: redis_up", "metric: redis_down", r"changes\.0\.metric: found redis_down; allowed: redis_up"),
        ("value: 0", "value: 0, labels: {a: b}", r"changes\.0\.labels: found {'a': 'b'}"),
        ("value: 0", "rate: 0, value: 0", "one of rate, value"),
        ("value: 0", "unreachable: true", "an invalid combination"),
        ("metric: redis_up, value: 0", "times: 0", "an invalid combination"),
        ("from: 1m", "from: 1 minute", r"changes\.0\.from: found '1 minute'"),
        ("from: 1m", "from: 6m", "from 6m to 5m"),
        ("from: 1m", "to: 6m", "from 0s to 6m"),
        ("summary", "sumary", "summary: .*Field required"),
    ],
)
def test_a_problem_in_a_scenario_is_reported(write: Write, old: str, new: str, expected: str) -> None:
    steady = targets.load(write("steady.yaml", "value: 1", "value: 1"))
    folder = write("scenario.yaml", old, new).parent
    (folder / "steady.yaml").unlink()
    with pytest.raises(CatalogueError, match=expected):
        scenarios.load(steady, folder)


def test_a_scenario_cannot_turn_a_counter_into_a_gauge(tmp_path: Path) -> None:
    text = "summary: x\nlasts: 5m\nexpects: []\nchanges: [{of: api, metric: bais_admin_actions_total, value: 3}]\n"
    (tmp_path / "scenario.yaml").write_text(text)
    with pytest.raises(CatalogueError, match="found value; allowed: rate"):
        scenarios.load(TARGETS, tmp_path)


def test_an_unknown_scenario_lists_the_available_ones() -> None:
    result = CliRunner().invoke(main, ["--scenario", "api-error"])
    assert result.exit_code == 2
    assert "api-error-burst" in result.output
