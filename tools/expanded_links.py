"""An alert's link to its panel as Prometheus expands it; `tests/dashboards` has a real one say the same."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote_plus

_CHOICE: Final = re.compile(r"{{ with \$labels\.(\w+) }}(&var-\w+=){{ \. \| urlQueryEscape }}{{ end }}")


def expand_link(link: str, labels: Mapping[str, str]) -> str:
    """The link with each choice that a label of the alert makes, and without the others."""

    def choice(found: re.Match[str]) -> str:
        value = labels.get(found[1], "")
        return value and found[2] + quote_plus(value, safe="~")

    return _CHOICE.sub(choice, link)
