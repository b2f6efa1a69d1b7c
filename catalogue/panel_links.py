"""Links from alerts to Grafana panels, with the panel ids that Grafana uses."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from zlib import crc32

# The id of a panel depends only on its slug, so it is stable when panels are moved or added.
_MAX_ID: Final = 999_999

LINK_FORMAT: Final = "a link to a panel such as d/bais-cache?viewPanel=memory"
_LINK: Final = re.compile(r"(?P<board>d/[a-z0-9-]+)\?viewPanel=(?P<slug>[a-z][a-z0-9-]*)")

# Sets a dashboard variable from a label if the alert has that label.
_VARIABLE: Final = "{{ with $labels.%s }}&var-%s={{ . | urlQueryEscape }}{{ end }}"
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def is_link(link: str) -> bool:
    """Return whether a text is a link to a panel."""
    return _LINK.fullmatch(link) is not None


def panel_id(slug: str) -> int:
    """Return the Grafana id of a panel, from 1 to 999,999."""
    return crc32(slug.encode()) % _MAX_ID + 1


def link_parts(link: str) -> tuple[str, str]:
    """Return the board uid and panel slug of a link.

    A link has the form `d/bais-cache?viewPanel=memory`.

    Raises:
        ValueError: if the link has another form.
    """
    if not (found := _LINK.fullmatch(link)):
        raise ValueError(link)
    return found["board"].removeprefix("d/"), found["slug"]


def panel_path(board: str, panel: str) -> str:
    """Return the path of a panel in Grafana, from the board's uid and the name that its id is derived from.

    Old versions of Grafana accept only the number, new ones also `panel-<id>`.
    """
    return f"d/{board}?viewPanel={panel_id(panel)}"


def panel_link(link: str, variables: Mapping[str, str] = _NOTHING) -> str:
    """Return a link for Grafana, with the panel's id instead of the slug.

    With `variables` (label by dashboard variable) the result is a Prometheus template: it sets each variable whose
    label the alert has.
    """
    board, slug = link_parts(link)
    parameters = "".join(_VARIABLE % (label, variable) for variable, label in variables.items())
    return f"{panel_path(board, slug)}{parameters}"
