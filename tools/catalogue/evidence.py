"""What the promtool cases show of each alert, read from their content and not from their names alone."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import promql_parser

from catalogue.rule_tests import Case, Suite

SHOWS: Final = {
    "fires": r"fires( |$)",
    "silent at its limit": r"stays silent (below|above|beyond|at) its limit",
    "silent before its duration": r"stays silent before its duration",
    "decided without data": r"(fires|stays silent) without data",
    "silent on a counter reset": r"stays silent on a counter reset",
}

_COUNTED: Final = ("rate", "irate", "increase")


@dataclass(frozen=True)
class Evidence:
    """Of one alert, what its cases must show, and whether they do."""

    alert: str
    shown: Mapping[str, bool]

    @property
    def missing(self) -> list[str]:
        """Return what no case shows."""
        return [what for what, shown in self.shown.items() if not shown]


def collect_evidence(suite: Suite, rule: Mapping[str, Any]) -> Evidence:
    """Return what the cases show of an alert of their suite."""
    cases = suite.cases_of(rule["alert"])
    expressions = [each["expr"] for each in suite.read_by(rule["alert"])]
    required: dict[str, Callable[[Case], bool]] = {
        "fires": _fires,
        "silent at its limit": _has_silent_data,
        "decided without data": lambda case: not _selected_metrics(expressions) & _input_series(case),
    }
    if "for" in rule:
        required["silent before its duration"] = _waits
    if any(re.search(rf"\b({'|'.join(_COUNTED)})\(", expression) for expression in expressions):
        required["silent on a counter reset"] = _has_reset
    return Evidence(
        rule["alert"],
        {what: any(_claims(case, what) and holds(case) for case in cases) for what, holds in required.items()},
    )


def metrics(expression: str) -> set[str]:
    """Return the names of the series that an expression reads."""
    return set(_selected(promql_parser.parse(expression)))


def _selected(node: object) -> Iterator[str]:
    if isinstance(node, promql_parser.VectorSelector) and node.name:
        yield node.name
    for name in ("vector_selector", "expr", "lhs", "rhs"):
        yield from _selected(child) if (child := getattr(node, name, None)) else ()
    for child in getattr(node, "args", None) or ():
        yield from _selected(child)


def _selected_metrics(expressions: Sequence[str]) -> set[str]:
    return set().union(*map(metrics, expressions)) - {"up"}


def _claims(case: Case, what: str) -> bool:
    return any(re.match(SHOWS[what], each) for each in case.shows)


def _fires(case: Case) -> bool:
    return any(check.get("exp_alerts") for check in _checks(case))


def _waits(case: Case) -> bool:
    """Tell whether there is a time at which fewer alerts fire than at another, or none."""
    fired = [len(check.get("exp_alerts") or ()) for check in _checks(case)]
    return min(fired, default=1) < max([1, *fired])


def _has_silent_data(case: Case) -> bool:
    """Tell whether the alert sees data and does not fire: at some time, or for some of the series at every time."""
    fired = max((len(check.get("exp_alerts") or ()) for check in _checks(case)), default=0)
    return bool(_input_series(case)) and (_waits(case) or len(case.content["input_series"]) > fired)


def _has_reset(case: Case) -> bool:
    """Tell whether a counter falls: a later run of samples begins below the end of an earlier one."""
    return _has_silent_data(case) and any(_has_drop(series["values"]) for series in case.content["input_series"])


def _has_drop(values: str) -> bool:
    runs = [re.fullmatch(r"(-?[\d.]+)(?:([+-][\d.]+))?(?:x(\d+))?", run) for run in values.split()]
    ends = [float(run[1]) + float(run[2] or 0) * int(run[3] or 0) for run in runs if run]
    starts = [float(run[1]) for run in runs if run]
    return any(start < end for end, start in zip(ends, starts[1:], strict=False))


def _input_series(case: Case) -> set[str]:
    return {series["series"].partition("{")[0].strip() for series in case.content.get("input_series") or ()}


def _checks(case: Case) -> list[Any]:
    return list(case.content.get("alert_rule_test", ()))
