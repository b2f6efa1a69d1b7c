"""Panel queries with Grafana's variables interpolated, as Prometheus receives them."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# The range in milliseconds since 1970 that includes every time.
_EVER: Final = MappingProxyType({"${__from}": "0", "${__to}": "99999999999999"})
_WINDOWS: Final = MappingProxyType({"$__rate_interval": "2m", "$__range": "1h", "$__interval": "30s", **_EVER})
_VARIABLE: Final = re.compile(r"\$\{?([a-z_]+)\}?")


def interpolate(query: str, windows: Mapping[str, str] = _WINDOWS) -> str:
    """Return a query with every variable at All; the default windows are those of an hour's range."""
    for name, window in windows.items():
        query = query.replace(name, window)
    return _VARIABLE.sub(".*", query)


def variable_names(query: str) -> set[str]:
    """Return the names of the dashboard variables in a query, without Grafana's windows."""
    for name in _WINDOWS:
        query = query.replace(name, "")
    return set(_VARIABLE.findall(query))
