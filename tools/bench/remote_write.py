"""Minimal client for Prometheus remote write 1.0."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final
from urllib.request import Request, urlopen

from tools.bench.series import Stored

# Series per request.
_BATCH: Final = 2000
# Maximum length of a literal in Snappy.
_LITERAL: Final = 1 << 16


def write(address: str, series: Iterable[Stored]) -> int:
    """Send series to a Prometheus; return their number."""
    count = 0
    batch: list[bytes] = []
    for one in series:
        batch.append(_field(1, _time_series(one)))
        count += 1
        if len(batch) == _BATCH:
            _send(address, b"".join(batch))
            batch.clear()
    if batch:
        _send(address, b"".join(batch))
    return count


def _send(address: str, message: bytes) -> None:
    headers = {
        "Content-Encoding": "snappy",
        "Content-Type": "application/x-protobuf",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
    }
    with urlopen(Request(f"{address}/api/v1/write", _snappy(message), headers), timeout=30):
        pass


def _time_series(series: Stored) -> bytes:
    # Prometheus requires labels sorted by name.
    labels = (
        _field(1, _field(1, name.encode()) + _field(2, value.encode())) for name, value in sorted(series.labels.items())
    )
    samples = (
        _field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + _varint(moment)) for moment, value in series.samples
    )
    return b"".join((*labels, *samples))


def _field(number: int, content: bytes) -> bytes:
    """Return a length-delimited protobuf field."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _snappy(message: bytes) -> bytes:
    """Return a message in Snappy format, without compression."""
    literals = [_varint(len(message))]
    for start in range(0, len(message), _LITERAL):
        literal = message[start : start + _LITERAL]
        literals.append(b"\xf4" + struct.pack("<H", len(literal) - 1) + literal)
    return b"".join(literals)
