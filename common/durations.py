"""Prometheus durations in whole seconds."""

import re
from typing import Final

_DURATION: Final = re.compile(
    # At most nine digits each: no valid duration has more.
    r"(?=[0-9])(?:(?P<y>[0-9]{1,9})y)?(?:(?P<w>[0-9]{1,9})w)?(?:(?P<d>[0-9]{1,9})d)?"
    r"(?:(?P<h>[0-9]{1,9})h)?(?:(?P<m>[0-9]{1,9})m)?(?:(?P<s>[0-9]{1,9})s)?"
)
_SECONDS: Final = {"y": 365 * 86400, "w": 7 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1}


def parse_duration(text: str) -> int:
    """Return the seconds of a duration such as `30d` or `1h30m`; ValueError for any other text."""
    if not (match := _DURATION.fullmatch(text)):
        raise ValueError(text)
    return sum(int(count) * _SECONDS[unit] for unit, count in match.groupdict().items() if count)


def format_duration(seconds: int) -> str:
    """Return a duration in hours, minutes and seconds, such as `3h58m`; ValueError below one second."""
    if seconds <= 0:
        raise ValueError(f"{seconds} s is not a duration above zero")
    hours, rest = divmod(seconds, 3600)
    counts = {"h": hours, "m": rest // 60, "s": rest % 60}
    return "".join(f"{count}{unit}" for unit, count in counts.items() if count)


def is_duration(value: object) -> bool:
    """Return whether a value is a Prometheus duration in whole seconds."""
    return isinstance(value, str) and _DURATION.fullmatch(value) is not None
