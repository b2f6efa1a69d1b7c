"""Section: silences of Alertmanager."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from common.words import counted
from operations.review.data import ReviewData
from operations.review.model import Column, Finding, Impact, Kind, Section, table
from operations.review.readings import UnknownError

TITLE: Final = "Silences"
_COLUMNS: Final = (
    Column("matchers"),
    Column("reason"),
    Column("by"),
    Column("ends (UTC)", Kind.TIME),
    Column("left", Kind.DURATION),
)
# Operators by whether they negate and match a regular expression.
_OPERATORS: Final = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}
# A silence that still lasts longer belongs into the settings, with a reason.
_LONG_SECONDS: Final = 7 * 86400


def section(data: ReviewData) -> Section:
    """Return the silences that are active or pending, those that last longest first."""
    if isinstance(data.silences, str):
        raise UnknownError(data.silences)
    current = [one for one in data.silences if one["status"]["state"] != "expired"]
    expired = len(data.silences) - len(current)
    ended = f"{counted(expired, 'silence')} expired in the days that Alertmanager retains them."
    if not current:
        return Section(title=TITLE, conclusion=f"Nothing is silenced. {ended}")
    rows = sorted((_row(one, data.now) for one in current), key=lambda row: -row[4])
    long = [row for row in rows if row[4] > _LONG_SECONDS]
    conclusion = (
        f"{counted(len(current), 'silence')} active or pending, {len(long)} of them for more than a week. {ended}"
    )
    findings = tuple(
        Finding(
            Impact.SILENCED_FOR_LONG,
            left,
            "on call",
            f"{matchers} is silenced for more than a week: fix the cause, or override the alert in the stack file.",
        )
        for matchers, _, _, _, left in long
    )
    return Section(title=TITLE, conclusion=conclusion, tables=(table(_COLUMNS, rows),), findings=findings)


def _row(silence: Mapping[str, Any], now: int) -> tuple[str, str, str, int, int]:
    matchers = " ".join(
        f'{each["name"]}{_OPERATORS[each.get("isEqual", True), each["isRegex"]]}"{each["value"]}"'
        for each in silence["matchers"]
    )
    end = int(datetime.fromisoformat(silence["endsAt"]).timestamp())
    return matchers, silence["comment"], silence["createdBy"], end, max(0, end - now)
