"""While all is well nothing but the heartbeat fires, although every alert has the data that it looks at."""

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
    """How long the platform is in health, and every how many minutes it is scraped and the rules are evaluated."""

    minutes: int
    scraped: int
    evaluated: int


HOUR: Final = Span(60, scraped=1, evaluated=1)
# What is compared with last week has one. Oftener, promtool would take minutes, and hold more samples than it may.
WEEK: Final = Span(7 * 24 * 60 + 60, scraped=2, evaluated=60)


def series(samples: int) -> Iterator[dict[str, str]]:
    """Yield every series as promtool takes it."""
    for target in TARGETS:
        labels = ", ".join(f"{name}={json.dumps(value)}" for name, value in target["labels"].items())
        for series, values in target["series"].items():
            name, _, own = series.partition("{")
            yield {"series": f"{name}{{{labels}{', ' if own else '}'}{own}", "values": f"{values}x{samples}"}


def selections(node: object) -> Iterator[str]:
    """Yield what an expression selects, each as an expression that has a value if there is anything to select."""
    if isinstance(node, promql_parser.MatrixSelector):
        yield f"last_over_time({node.prettify()})"
    elif isinstance(node, promql_parser.VectorSelector):
        yield node.prettify()
    for name in ("expr", "lhs", "rhs"):
        yield from selections(child) if (child := getattr(node, name, None)) else ()
    for child in getattr(node, "args", None) or ():
        yield from selections(child)


def promtool(folder: Path, span: Span, checks: dict[str, bool]) -> str:
    """Evaluate all rules on the healthy platform, and return what promtool has to say against these expressions."""
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
        "evaluation_interval": f"{span.evaluated}m",
        "tests": [
            {
                "interval": f"{span.scraped}m",
                "input_series": list(series(span.minutes // span.scraped)),
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
def test_nothing_but_the_heartbeat_fires(tmp_path: Path, span: Span) -> None:
    others = f'ALERTS{{alertname!="{HEARTBEAT}", alertstate="firing"}}'
    heartbeat = f'ALERTS{{alertname="{HEARTBEAT}", alertstate="firing"}}'
    checks = {f"last_over_time({others}[2w])": False, heartbeat: True}
    assert promtool(tmp_path, span, checks) == ""


def test_every_alert_has_the_data_that_it_looks_at(tmp_path: Path) -> None:
    looked_at = {each for alert in ALERTS for each in selections(promql_parser.parse(alert.expression))}
    assert promtool(tmp_path, WEEK, dict.fromkeys(sorted(looked_at), True)) == ""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("absent(up)", True), ("bais_active_sessions", False)],
    ids=["a value that should not be", "no value that should be"],
)
def test_what_is_not_so_is_told(tmp_path: Path, expression: str, expected: bool) -> None:
    assert f"group({expression})" in promtool(tmp_path, HOUR, {expression: expected})
