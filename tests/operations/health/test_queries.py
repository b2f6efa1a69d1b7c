"""Queries of the health check: valid for the real Prometheus, and of metrics that the real exporters have."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import yaml

from catalogue.metrics import BUILT_IN_METRICS
from operations.health.queries import queries
from tests.operations.health.healthy_stack import plan
from tools.exporter_metrics import LISTS, metrics


def test_every_query_is_valid(promtool: str, tmp_path: Path) -> None:
    rules = [{"record": f"health:{name}", "expr": expression} for name, expression in queries(plan()).items()]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "health", "rules": rules}]}))
    command = [promtool, "check", "rules", "--lint=none", "rules.yaml"]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"SUCCESS: {len(rules)} rules found" in checked.stdout


def test_every_metric_of_a_query_is_one_of_a_real_exporter() -> None:
    exposed = {name for file in LISTS.iterdir() for name in metrics(file.name)} | BUILT_IN_METRICS
    read = set(re.findall(r"\b(?:[a-z]+_[a-z_]+|up|ALERTS)(?=[{\[]| -)", " ".join(queries(plan()).values())))
    assert len(read) > 15
    assert read - exposed == set()
