"""Queries of the health check, in the real Prometheus's own parser and against the metrics of the real exporters."""

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml

from operations.health.queries import queries
from tests.operations.health.healthy_stack import plan


def test_every_query_is_valid(promtool: str, tmp_path: Path) -> None:
    rules = [{"record": f"health:{name}", "expr": expression} for name, expression in queries(plan()).items()]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "health", "rules": rules}]}))
    checked = subprocess.run(
        [promtool, "check", "rules", "--lint=none", "rules.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"SUCCESS: {len(rules)} rules found" in checked.stdout
