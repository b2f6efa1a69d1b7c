"""A panel's query as Prometheus would be asked it."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_WINDOWS: Final = MappingProxyType({"$__rate_interval": "2m", "$__range": "1h", "$__interval": "30s"})
_VARIABLE: Final = re.compile(r"\$\{?([a-z_]+)\}?")


def concrete(query: str, windows: Mapping[str, str] = _WINDOWS) -> str:
    """The query as it is asked with every choice at All, and unless told otherwise with a time range of an hour."""
    for name, window in windows.items():
        query = query.replace(name, window)
    return _VARIABLE.sub(".*", query)


def variables(query: str) -> set[str]:
    """The names of the choices that a query depends on, Grafana's own windows aside."""
    for name in _WINDOWS:
        query = query.replace(name, "")
    return set(_VARIABLE.findall(query))
