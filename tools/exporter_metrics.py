"""The names that exporters expose, with their labels, as the lists in `exporter_metrics/` have them."""

import re
from typing import Final

from common.project import RULE_TESTS

LISTS: Final = RULE_TESTS / "exporter_metrics"


def metrics(name: str) -> dict[str, set[str]]:
    """Return the metrics of a list with their labels."""
    found: dict[str, set[str]] = {}
    for line in lines(name):
        metric = re.fullmatch(r"(?P<name>\w+)(?:{(?P<labels>\w+(?:, \w+)*)})?", line)
        assert metric, line
        found[metric["name"]] = set((metric["labels"] or "").split(", ")) - {""}
    return found


def lines(name: str) -> list[str]:
    """Return the lines of a list below its heading."""
    return [line for line in (LISTS / name).read_text(encoding="utf-8").splitlines() if not line.startswith("# ")]
