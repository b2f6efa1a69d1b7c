"""Comparison of what a pod has loaded, with what a real Prometheus returns for the rules of stack `local`."""

from __future__ import annotations

import copy
import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalogue.stack import for_stack
from local.processes import free_ports
from local.tools.toolset import binary
from preflight.plan import render_rules
from settings.loader import build_settings, load_sections
from tools.mocked_program import configuration
from verification.model import ClusterPlan
from verification.plan import cluster_plan
from verification.prometheus import is_reloaded, loaded_configuration_deviations, loaded_rule_deviations

UID = "591216be-5bc3-44ff-95bb-7eb179939284"
CONFIGURATION = """
global:
  scrape_interval: 60s
  body_size_limit: 64MB
  external_labels: {prometheus_replica: $(POD_NAME)}
rule_files: [RULES]
scrape_configs:
- {job_name: probe/a/b, scrape_interval: 90s}
remote_write:
- url: http://127.0.0.1:9/
  name: other
  basic_auth: {username: x, password: hidden}
  queue_config: {capacity: 20000}
  write_relabel_configs:
  - {action: keep, source_labels: [__name__], regex: up}
"""


@dataclass
class Loaded:
    """Plan of stack `local`, the configuration of a Prometheus with its rules, and what that Prometheus returns."""

    plan: ClusterPlan
    generated: str
    groups: list[dict[str, Any]]
    configuration: str
    metrics: str


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("prometheus")
    settings = build_settings(load_sections(configuration("local", "upstream")))
    rules = render_rules(settings, for_stack(tunables=settings.alerts.tunables, overrides=settings.alerts.overrides))
    plan = cluster_plan(settings, rules)
    for name, spec in plan.rules.items():
        (folder / f"monitoring-{name}-{UID}.yaml").write_text(yaml.safe_dump(spec))
    generated = CONFIGURATION.replace("RULES", f"{folder}/*.yaml")
    (folder / "prometheus").write_text(generated.replace("$(POD_NAME)", "prometheus-0"))
    (port,) = free_ports(1)
    arguments = ["--config.file=prometheus", "--storage.tsdb.path=data", f"--web.listen-address=127.0.0.1:{port}"]
    command = [str(binary("prometheus")), *arguments]
    with (folder / "log").open("w") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
        try:
            yield read(f"http://127.0.0.1:{port}", plan, generated, folder / "log")
        finally:
            process.terminate()


def read(address: str, plan: ClusterPlan, generated: str, log: Path) -> Loaded:
    def get(path: str) -> str:
        with urllib.request.urlopen(f"{address}{path}", timeout=5) as response:
            text: str = response.read().decode()
            return text

    for _ in range(100):
        try:
            get("/-/ready")
            break
        except OSError:
            time.sleep(0.1)
    else:
        pytest.fail(log.read_text())
    return Loaded(
        plan=plan,
        generated=generated,
        groups=json.loads(get("/api/v1/rules?exclude_alerts=true"))["data"]["groups"],
        configuration=json.loads(get("/api/v1/status/config"))["data"]["yaml"],
        metrics=get("/metrics"),
    )


def test_the_loaded_rules_of_a_stack_are_equal_to_the_planned_ones(loaded: Loaded) -> None:
    assert len(loaded.groups) > 20
    assert loaded_rule_deviations(loaded.plan, "prometheus-0", loaded.groups) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("query", "vector(1)"), ("duration", 7), ("labels", {}), ("name", "Another"), ("annotations", {})],
)
def test_a_difference_in_any_field_of_one_rule_is_a_deviation(field: str, value: object, loaded: Loaded) -> None:
    groups = copy.deepcopy(loaded.groups)
    group = next(each for each in groups if "alerts-cache" in each["file"])
    group["rules"][0][field] = value
    (found,) = loaded_rule_deviations(loaded.plan, "prometheus-0", groups)
    assert found.text == "pod prometheus-0: Prometheus has not loaded the planned rules of alerts-cache"


def test_missing_and_additional_rules_and_groups_are_deviations(loaded: Loaded) -> None:
    group = next(each for each in loaded.groups if "alerts-cache" in each["file"])
    rest = [each for each in loaded.groups if each is not group]
    for changed in (
        rest,
        [*rest, {**group, "rules": group["rules"][:-1]}],
        [*rest, {**group, "rules": [*group["rules"], group["rules"][0]]}],
        [*loaded.groups, {**group, "name": "additional"}],
    ):
        (found,) = loaded_rule_deviations(loaded.plan, "prometheus-0", changed)
        assert found.text.endswith("of alerts-cache")


def test_rules_of_other_teams_are_ignored(loaded: Loaded) -> None:
    theirs = {"name": "x", "file": f"/etc/search-x-{UID}.yaml", "rules": [{"name": "X", "query": "not PromQL ("}]}
    assert loaded_rule_deviations(loaded.plan, "prometheus-0", [*loaded.groups, theirs]) == []


def test_a_successful_reload_is_in_the_metrics(loaded: Loaded) -> None:
    assert is_reloaded(loaded.metrics)
    name = "\nprometheus_config_last_reload_successful"
    assert not is_reloaded(loaded.metrics.replace(f"{name} 1", f"{name} 0"))
    assert not is_reloaded("")


def configuration_texts(loaded: Loaded, generated: str) -> list[str]:
    found = loaded_configuration_deviations("prometheus-0", "0", generated, loaded.configuration)
    return [each.text.rpartition("(")[2].rstrip(")") for each in found]


def test_the_loaded_configuration_has_defaults_other_units_and_no_credentials(loaded: Loaded) -> None:
    assert configuration_texts(loaded, loaded.generated) == []


@pytest.mark.parametrize(
    ("old", "new", "section"),
    [
        ("60s", "61s", "global"),
        ("64MB", "65MB", "global"),
        ("$(POD_NAME)", "prometheus-1", "global"),
        ("/*.yaml", "/*.yml", "rule_files"),
        ("probe/a/b", "probe/a/c", "scrape_configs"),
        ("regex: up", "regex: down", "remote_write"),
        ("capacity: 20000", "capacity: 20001", "remote_write"),
        ("queue_config", "sigv4: {region: x}\n  queue_config", "remote_write"),
        ("  - {action", "  - {action: drop, source_labels: [a], regex: b}\n  - {action", "remote_write"),
    ],
)
def test_a_difference_in_an_own_section_is_a_deviation(old: str, new: str, section: str, loaded: Loaded) -> None:
    assert old in loaded.generated
    assert configuration_texts(loaded, loaded.generated.replace(old, new)) == [section]
