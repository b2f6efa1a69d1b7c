"""Panels whose colours or texts judge their values, and the text and colour that Grafana shows for a value."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tools.boards.lint.model import Panel
from tools.boards.lint.panels import iter_thresholds, overrides


class Shown(NamedTuple):
    """Text, if a mapping sets it, and colour of a value."""

    text: str | None
    color: str


def is_judged(panel: Panel) -> bool:
    """Return whether limits or states give the values of a panel a colour."""
    limited = any(len(thresholds["steps"]) > 1 for _, thresholds in iter_thresholds(panel))
    return limited or any(
        mapping["type"] == "value" for mapping in panel["fieldConfig"]["defaults"].get("mappings", [])
    )


def show(panel: Panel, field: str, value: float | str | None) -> Shown:
    """Return what Grafana shows for a value of a field; None and NaN are missing values."""
    missing = value is None or value != value
    for mapping in _setting(panel, field, "mappings") or []:
        options = mapping["options"]
        if mapping["type"] == "special" and missing and options["match"] == "null+nan":
            return Shown(options["result"]["text"], options["result"]["color"])
        if mapping["type"] == "value" and (found := options.get(_key(value))):
            return Shown(found["text"], found.get("color", ""))
    if isinstance(value, str):
        return Shown(None, "")
    color = ""
    for step in _setting(panel, field, "thresholds")["steps"]:
        # A missing value gets the colour of the base.
        if step["value"] is None or (value is not None and value >= step["value"]):
            color = step["color"]
    return Shown(None, color)


def _key(value: float | str | None) -> str:
    return f"{value:g}" if isinstance(value, float | int) else str(value)


def _setting(panel: Panel, field: str, name: str) -> Any:
    own: Mapping[str, Any] = overrides(panel, name)
    return own.get(field, panel["fieldConfig"]["defaults"].get(name))
