"""Values as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from operations.review.model import Cell, Kind

UNKNOWN: Final = "unknown"
_DAY: Final = 86400


def duration(seconds: float) -> str:
    """Return a duration in its two largest units, such as `2 d 3 h`."""
    total = round(seconds)
    parts = ((total // _DAY, "d"), (total % _DAY // 3600, "h"), (total % 3600 // 60, "min"), (total % 60, "s"))
    shown = [f"{count} {unit}" for count, unit in parts if count][:2]
    return " ".join(shown) or "0 s"


def days(number: float) -> str:
    """Return a number of days, precise only where it is small."""
    shown = f"{number:.1f}" if 0 < number < 10 and number % 1 >= 0.05 else f"{number:.0f}"
    return f"{shown} day" if shown == "1" else f"{shown} days"


def share(ratio: float) -> str:
    """Return a share in percent."""
    percent = ratio * 100
    return f"{percent:.0f} %" if abs(percent) >= 10 or percent == 0 else f"{percent:.2g} %"


def size(number: float) -> str:
    """Return a number of bytes in a decimal unit."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(number) < 1000 or unit == "TB":
            return f"{number:.3g} {unit}"
        number /= 1000
    raise AssertionError("the last unit has no limit")


def cores(number: float) -> str:
    """Return a number of CPU cores."""
    return f"{number:.2g}" if number < 10 else f"{number:.0f}"


def count(number: float) -> str:
    """Return a whole number with separators."""
    return f"{round(number):,}"


def moment(seconds: float) -> str:
    """Return a time in UTC."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"


def listed(names: list[str], most: int = 3) -> str:
    """Return names in words, and how many further ones there are."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


_FORMATS: Final[Mapping[Kind, Callable[[float], str]]] = {
    Kind.COUNT: count,
    Kind.DURATION: duration,
    Kind.DAYS: days,
    Kind.SHARE: share,
    Kind.BYTES: size,
    Kind.CORES: cores,
    Kind.TIME: moment,
}


def formatted(value: Cell, kind: Kind) -> str:
    """Return a value of a table as text."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return value
    return _FORMATS[kind](value)
