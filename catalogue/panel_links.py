"""How an alert's link to a panel, written with the panel's slug, becomes one that Grafana opens."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from zlib import crc32

# The number of a panel follows from its slug alone, so a panel keeps it wherever it stands and whatever is added.
_MOST: Final = 999_999

_LINK: Final = re.compile(r"(?P<board>d/[a-z0-9-]+)\?viewPanel=(?P<slug>[a-z][a-z0-9-]*)")

_CHOICE: Final = "{{ with $labels.%s }}&var-%s={{ . | urlQueryEscape }}{{ end }}"
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def panel_id(slug: str) -> int:
    """Return the number that Grafana knows a panel by, from 1 to 999,999."""
    return crc32(slug.encode()) % _MOST + 1


def link_parts(link: str) -> tuple[str, str]:
    """Return the board's uid and the panel's slug of a link such as `d/bais-cache?viewPanel=memory`.

    Raises:
        ValueError: if it is no such link.
    """
    if not (found := _LINK.fullmatch(link)):
        raise ValueError(link)
    return found["board"].removeprefix("d/"), found["slug"]


def panel_link(link: str, choices: Mapping[str, str] = _NOTHING) -> str:
    """Return such a link as Grafana follows it: its scenes call a panel `panel-<id>`, and know no slugs.

    With `choices` of the board, each with the label that makes it, it is a template for Prometheus, which makes those
    whose label the alert has.
    """
    board, slug = link_parts(link)
    made = "".join(_CHOICE % (label, choice) for choice, label in choices.items())
    return f"d/{board}?viewPanel=panel-{panel_id(slug)}{made}"
