"""Mutants of a rule: its expression or a duration with a single change.

Changes: a number (by 1; by 10 % if it is at least 10 or has a fraction), the durations `for` and `keep_firing_for` (by
a minute), a window or offset (halved and doubled), a comparison (to the adjacent and the opposite operator), a label
matcher (removed, negated, or without one alternative).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from catalogue.promql import is_promql
from catalogue.tunables import format_number
from common.durations import parse_duration

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
    |(?P<text>"(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`)
    |(?P<name>[A-Za-z_][\w:]*)
    |(?P<window>(?:\d+(?:ms|[smhdwy]))+)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<operator>[=!]~|[=!<>]=|[<>=])
    |(?P<other>.)""",
    re.VERBOSE,
)
_COMPARISONS: Final = {
    ">": (">=", "<"),
    "<": ("<=", ">"),
    ">=": (">", "<="),
    "<=": ("<", ">="),
    "==": ("!=",),
    "!=": ("==",),
}
_OPPOSITE: Final = {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}
_ALTERNATIVES: Final = re.compile(r"[\w. /-]+(?:\|[\w. /-]+)+")


@dataclass(frozen=True)
class Mutant:
    """A rule with a single change; `change` describes it and is unique per rule."""

    change: str
    rule: Mapping[str, Any]


@dataclass(frozen=True)
class _Edit:
    change: str
    start: int
    end: int
    text: str


def mutants(rule: Mapping[str, Any]) -> list[Mutant]:
    """Return every mutant of a rule with a valid expression."""
    found: list[Mutant] = []
    seen: Counter[str] = Counter()
    for edit in _edits(rule["expr"]):
        expression = rule["expr"][: edit.start] + edit.text + rule["expr"][edit.end :]
        if not is_promql(expression):
            continue
        seen[edit.change] += 1
        place = f" (no. {seen[edit.change]})" if seen[edit.change] > 1 else ""
        found.append(Mutant(edit.change + place, {**rule, "expr": expression}))
    return found + [
        Mutant(f"{field} {rule[field]} -> {other}", {**rule, field: other})
        for field in ("for", "keep_firing_for")
        if field in rule
        for other in _durations(rule[field])
    ]


def _durations(duration: str) -> list[str]:
    seconds = parse_duration(duration)
    return [f"{each}s" for each in (seconds - 60, seconds + 60) if each >= 0]


def _edits(expression: str) -> Iterator[_Edit]:
    tokens = [token for token in _TOKEN.finditer(expression) if token.lastgroup != "space"]
    inside = False
    for index, token in enumerate(tokens):
        text = token.group()
        if text in "{}":
            inside = text == "{"
        elif inside and token.lastgroup == "operator":
            yield from _matchers(expression, *tokens[index - 1 : index + 2])
        elif token.lastgroup == "operator":
            for other in _COMPARISONS[text]:
                yield _Edit(f"{text} -> {other}", *token.span(), other)
        elif token.lastgroup == "number":
            for number in _numbers(text):
                yield _Edit(f"{text} -> {number}", *token.span(), number)
        elif token.lastgroup == "window":
            for seconds in (parse_duration(text) // 2, parse_duration(text) * 2):
                yield _Edit(f"{text} -> {seconds}s", *token.span(), f"{seconds}s")


def _numbers(text: str) -> tuple[str, str]:
    number = float(text)
    step = 1 if number < 10 and number.is_integer() else number / 10
    return format_number(round(number - step, 9)), format_number(round(number + step, 9))


def _matchers(expression: str, name: re.Match[str], operator: re.Match[str], value: re.Match[str]) -> Iterator[_Edit]:
    matcher = expression[name.start() : value.end()]
    before = re.search(r",\s*$", expression[: name.start()])
    after = re.match(r"\s*,\s*", expression[value.end() :])
    start = before.start() if before and not after else name.start()
    end = value.end() + after.end() if after else value.end()
    yield _Edit(f"without {matcher}", start, end, "")
    opposite = _OPPOSITE[operator.group()]
    yield _Edit(f"{matcher} -> {name.group()}{opposite}{value.group()}", *operator.span(), opposite)
    pattern = value.group()[1:-1]
    if operator.group() in ("=~", "!~") and _ALTERNATIVES.fullmatch(pattern):
        alternatives = pattern.split("|")
        for alternative in alternatives:
            rest = "|".join(each for each in alternatives if each != alternative)
            yield _Edit(f"{matcher} without {alternative}", *value.span(), f'"{rest}"')
