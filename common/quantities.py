"""Kubernetes quantities and Prometheus sizes: parsing and conversion."""

import re
from fractions import Fraction
from typing import Final

from common.durations import parse_duration

_QUANTITY: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(Ki|Mi|Gi|Ti|Pi|Ei|m|k|M|G|T|P|E)?")
_QUANTITY_UNITS: Final = {
    "": Fraction(1),
    "m": Fraction(1, 1000),
    **{unit: Fraction(1000**power) for power, unit in enumerate("kMGTPE", start=1)},
    **{f"{unit}i": Fraction(1024**power) for power, unit in enumerate("KMGTPE", start=1)},
}

_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([KMGTPE]?)i?B")


def parse_quantity(text: str) -> Fraction:
    """Return the number of a Kubernetes quantity: bytes of `50Gi`, cores of `500m`.

    Raises ValueError for any other text.
    """
    if not (match := _QUANTITY.fullmatch(text)):
        raise ValueError(text)
    return Fraction(match[1]) * _QUANTITY_UNITS[match[2] or ""]


def parse_size(text: str) -> int:
    """Return the bytes of a Prometheus size such as `40GB`; ValueError for any other text.

    Prometheus uses powers of two for both kinds of units: 1 KB and 1 KiB are 1024 bytes.
    """
    if not (match := _SIZE.fullmatch(text)):
        raise ValueError(text)
    return int(Fraction(match[1]) * 1024 ** " KMGTPE".index(match[2] or " "))


def share_of_volume(volume: str, percent: int) -> str:
    """Return a percentage of a volume, a Kubernetes quantity, as a Prometheus size in whole mebibytes."""
    return f"{int(parse_quantity(volume) * percent / 100) // 1024**2}MiB"


def go_duration(text: str) -> str:
    """Return a Prometheus duration in the units of Alertmanager's flags: hours, minutes and seconds."""
    minutes, seconds = divmod(parse_duration(text), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0"
