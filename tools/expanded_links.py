"""Expansion of panel links in alerts as Prometheus does it.

Tests/dashboards compares it with a real one.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote_plus

_VARIABLE: Final = re.compile(r"{{ with \$labels\.(\w+) }}(&var-\w+=){{ \. \| urlQueryEscape }}{{ end }}")


def expand_link(link: str, labels: Mapping[str, str]) -> str:
    """Return the link with the dashboard variables that the labels of the alert set."""

    def variable(found: re.Match[str]) -> str:
        value = labels.get(found[1], "")
        return value and found[2] + quote_plus(value, safe="~")

    return _VARIABLE.sub(variable, link)
