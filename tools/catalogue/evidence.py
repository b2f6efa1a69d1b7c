"""Behaviours of each alert that its promtool cases test."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import promql_parser

from catalogue.rule_tests import Case, Suite

# By behaviour, the pattern of the case names that claim to test it.
SHOWS: Final = {
    "fires": r"fires( |$)",
    "silent at its limit": r"stays silent (below|above|beyond|at) its limit",
    "silent before its duration": r"stays silent before its duration",
    "decided without data": r"(fires|stays silent) without data",
    "silent on a counter reset": r"stays silent on a counter reset",
}

# Functions that handle counter resets.
_COUNTED: Final = ("rate", "irate", "increase")


@dataclass(frozen=True)
class Evidence:
    """For an alert, the required behaviours and whether a case tests them."""

    alert: str
    shown: Mapping[str, bool]

    @property
    def missing(self) -> list[str]:
        """Return the behaviours that no case tests."""
        return [behaviour for behaviour, shown in self.shown.items() if not shown]


def collect_evidence(suite: Suite, rule: Mapping[str, Any]) -> Evidence:
    """Return the behaviours of an alert that the cases of its suite test."""
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
        {name: any(_claims(case, name) and holds(case) for case in cases) for name, holds in required.items()},
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


def _claims(case: Case, behaviour: str) -> bool:
    return any(re.match(SHOWS[behaviour], each) for each in case.shows)


def _fires(case: Case) -> bool:
    return any(check.get("exp_alerts") for check in _checks(case))


def _waits(case: Case) -> bool:
    """Return whether fewer alerts fire at one time than at another, or none."""
    fired = [len(check.get("exp_alerts") or ()) for check in _checks(case)]
    return min(fired, default=1) < max([1, *fired])


def _has_silent_data(case: Case) -> bool:
    """Return whether the alert has data and yet does not fire at some time."""
    fired = max((len(check.get("exp_alerts") or ()) for check in _checks(case)), default=0)
    return bool(_input_series(case)) and (_waits(case) or len(case.content["input_series"]) > fired)


def _has_reset(case: Case) -> bool:
    """Return whether a counter decreases between two runs of samples."""
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
