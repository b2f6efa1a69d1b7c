"""Healthy platform: every alert has its data, and only the heartbeat fires."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import promql_parser
import pytest
import yaml

from catalogue import rule_tests
from catalogue.loader import load
from common.project import RULES
from local.tools.toolset import binary

pytestmark = pytest.mark.slow

TARGETS: Final = yaml.safe_load(Path(__file__).with_name("healthy.yaml").read_text(encoding="utf-8"))
SUITES: Final = rule_tests.load()
ALERTS: Final = [alert for alert in load().alerts.values() if "absent(" not in alert.expression]

HEARTBEAT: Final = "Watchdog"


@dataclass(frozen=True)
class Span:
    """Duration, scrape interval and evaluation interval, all in minutes."""

    minutes: int
    scrape_interval: int
    evaluation_interval: int


HOUR: Final = Span(60, scrape_interval=1, evaluation_interval=1)
# Long enough for comparisons with the previous week. Shorter intervals would take minutes and exceed the sample limit.
WEEK: Final = Span(7 * 24 * 60 + 60, scrape_interval=2, evaluation_interval=60)


def series(samples: int) -> Iterator[dict[str, str]]:
    """Yield every series in the format of promtool."""
    for target in TARGETS:
        labels = ", ".join(f"{name}={json.dumps(value)}" for name, value in target["labels"].items())
        for series, values in target["series"].items():
            name, _, own = series.partition("{")
            yield {"series": f"{name}{{{labels}{', ' if own else '}'}{own}", "values": f"{values}x{samples}"}


def selections(node: object) -> Iterator[str]:
    """Yield for each selector an expression that has a value if series exist."""
    if isinstance(node, promql_parser.MatrixSelector):
        yield f"last_over_time({node.prettify()})"
    elif isinstance(node, promql_parser.VectorSelector):
        yield node.prettify()
    for name in ("expr", "lhs", "rhs"):
        yield from selections(child) if (child := getattr(node, name, None)) else ()
    for child in getattr(node, "args", None) or ():
        yield from selections(child)


def promtool(folder: Path, span: Span, checks: dict[str, bool]) -> str:
    """Evaluate all rules on the healthy platform.

    Return promtool's output if a check fails, else an empty string.
    """
    expressions = [
        {
            "expr": f"group({expression})",
            "eval_time": f"{span.minutes}m",
            "exp_samples": [{"labels": "{}", "value": 1}] if has_value else [],
        }
        for expression, has_value in checks.items()
    ]
    content: dict[str, Any] = {
        "rule_files": [str(RULES / f"{name}.yaml") for name in SUITES],
        "evaluation_interval": f"{span.evaluation_interval}m",
        "tests": [
            {
                "interval": f"{span.scrape_interval}m",
                "input_series": list(series(span.minutes // span.scrape_interval)),
                "promql_expr_test": expressions,
            }
        ],
    }
    path = folder / "healthy_test.yaml"
    path.write_text(json.dumps(content), encoding="utf-8")
    command = [str(binary("promtool")), "test", "rules", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if result.returncode == 0 else result.stdout + result.stderr


@pytest.mark.parametrize("span", [HOUR, WEEK], ids=["an hour", "an hour after a week"])
def test_only_the_heartbeat_fires(tmp_path: Path, span: Span) -> None:
    others = f'ALERTS{{alertname!="{HEARTBEAT}", alertstate="firing"}}'
    heartbeat = f'ALERTS{{alertname="{HEARTBEAT}", alertstate="firing"}}'
    checks = {f"last_over_time({others}[2w])": False, heartbeat: True}
    assert promtool(tmp_path, span, checks) == ""


def test_every_alert_has_the_series_that_it_selects(tmp_path: Path) -> None:
    selected = {selection for alert in ALERTS for selection in selections(promql_parser.parse(alert.expression))}
    missing = promtool(tmp_path, WEEK, dict.fromkeys(sorted(selected), True))
    assert missing == "", "add each series to tests/catalogue/healthy.yaml, with a value at which no alert fires"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("absent(up)", True), ("bais_active_sessions", False)],
    ids=["an unexpected missing value", "an unexpected value"],
)
def test_a_failed_check_is_reported(tmp_path: Path, expression: str, expected: bool) -> None:
    assert f"group({expression})" in promtool(tmp_path, HOUR, {expression: expected})
