"""A panel's query as Prometheus would be asked it."""

import re
from typing import Final

_WINDOWS: Final = {"$__rate_interval": "2m", "$__range": "1h", "$__interval": "30s"}
_VARIABLE: Final = re.compile(r"\$\{?([a-z_]+)\}?")


def concrete(query: str) -> str:
    """The query as it is asked with every choice at All and a time range of an hour."""
    for name, window in _WINDOWS.items():
        query = query.replace(name, window)
    return _VARIABLE.sub(".*", query)


def variables(query: str) -> set[str]:
    """The names of the choices that a query depends on, Grafana's own windows aside."""
    for name in _WINDOWS:
        query = query.replace(name, "")
    return set(_VARIABLE.findall(query))
