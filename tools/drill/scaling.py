"""Scaling of rules and routes to a higher speed."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any, Final

import promql_parser

from common.durations import parse_duration

_WORD: Final = r"(?:[0-9]+[smhdwy])+"
_WINDOW: Final = re.compile(rf"\[({_WORD})(?::({_WORD})?)?\]")
_OFFSET: Final = re.compile(rf"\boffset\s+({_WORD})")
_COMMENT: Final = re.compile(r"#.*$", re.MULTILINE)
_CALL: Final = re.compile(r"\b(rate|irate|deriv|predict_linear)\(")
_BRACKET: Final = re.compile(r"""[()]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""")
_ROUTE_TIMES: Final = ("group_wait", "group_interval", "repeat_interval")


def scale_seconds(seconds: float, speed: float) -> str:
    """Return a scaled duration in milliseconds, in the format of Prometheus."""
    return f"{round(seconds * 1000 / speed)}ms"


def scale_expression(expression: str, speed: float) -> str:
    """Return the expression for data that change `speed` times as fast.

    Windows, offsets and prediction times are divided by the factor; so are per-second rates, which the faster data
    multiply.
    """
    text = _COMMENT.sub("", expression)
    text = _WINDOW.sub(lambda found: _scale_window(found, speed), text)
    text = _OFFSET.sub(lambda found: f"offset {scale_seconds(parse_duration(found[1]), speed)}", text)
    position = 0
    while call := _CALL.search(text, position):
        end = _closing_bracket(text, call.end())
        if call[1] == "predict_linear":
            text = f"{text[:end]} / {speed:g}{text[end:]}"
        else:
            text = f"{text[: call.start()]}({text[call.start() : end + 1]} / {speed:g}){text[end + 1 :]}"
        position = call.end() + 1
    promql_parser.parse(text)
    return text


def scale_group(group: Mapping[str, Any], speed: float) -> dict[str, Any]:
    """Return a scaled rule group."""
    scaled = copy.deepcopy(dict(group))
    if "interval" in scaled:
        scaled["interval"] = scale_seconds(parse_duration(scaled["interval"]), speed)
    for rule in scaled["rules"]:
        rule["expr"] = scale_expression(rule["expr"], speed)
        for key in ("for", "keep_firing_for"):
            if key in rule:
                rule[key] = scale_seconds(parse_duration(rule[key]), speed)
    return scaled


def scale_routes(configuration: Mapping[str, Any], speed: float) -> dict[str, Any]:
    """Return a scaled Alertmanager configuration; a wait of 0 stays 0."""
    scaled = copy.deepcopy(dict(configuration))
    for route in (scaled["route"], *scaled["route"]["routes"]):
        for key in _ROUTE_TIMES:
            if parse_duration(route.get(key, "0s")):
                route[key] = scale_seconds(parse_duration(route[key]), speed)
    return scaled


def _scale_window(found: re.Match[str], speed: float) -> str:
    window = scale_seconds(parse_duration(found[1]), speed)
    if ":" not in found[0]:
        return f"[{window}]"
    return f"[{window}:{scale_seconds(parse_duration(found[2]), speed) if found[2] else ''}]"


def _closing_bracket(text: str, start: int) -> int:
    """Return the position of the bracket that closes the one before `start`.

    Brackets within strings are ignored.
    """
    depth = 1
    for found in _BRACKET.finditer(text, start):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if not depth:
            return found.start()
    raise ValueError(f"a bracket of {text!r} is never closed")
