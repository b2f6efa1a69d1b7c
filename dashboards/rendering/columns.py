"""Columns of tables: their order and headings."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dashboards.model import Panel, signals_by_ref_id

# Headings of labels whose names are not words; all others start with a capital letter.
_HEADINGS: Final[Mapping[str, str]] = MappingProxyType(
    {"alertname": "Alert", "datname": "Database", "instance": "Address", "queryid": "Query ID", "slo": "Objective"}
)


def heading(name: str) -> str:
    """Return the heading of the column of a label or signal."""
    return _HEADINGS.get(name, name[:1].upper() + name[1:])


def columns(panel: Panel) -> dict[str, object]:
    """Return the options of Grafana's transformation that orders and renames columns.

    By default Grafana names the columns of values after their queries.
    """
    several = len(panel.signals) > 1
    values = {f"Value #{letter}" if several else "Value": signal.name for letter, signal in signals_by_ref_id(panel)}
    names = {**{label: label for label in panel.labels}, **values}
    return {
        "excludeByName": {"Time": True},
        "indexByName": {name: place for place, name in enumerate(names)},
        "renameByName": {column: heading(name) for column, name in names.items()},
    }
