"""Lists of exporter metrics with their labels, in tests/rules/exporter_metrics/."""

import re
from typing import Final

from common.project import RULE_TESTS

LISTS: Final = RULE_TESTS / "exporter_metrics"


def metrics(name: str) -> dict[str, set[str]]:
    """Return the labels of each metric of a list."""
    found: dict[str, set[str]] = {}
    for line in lines(name):
        metric = re.fullmatch(r"(?P<name>\w+)(?:{(?P<labels>\w+(?:, \w+)*)})?", line)
        assert metric, line
        found[metric["name"]] = set((metric["labels"] or "").split(", ")) - {""}
    return found


def lines(name: str) -> list[str]:
    """Return the lines of a list without comments."""
    return [line for line in (LISTS / name).read_text(encoding="utf-8").splitlines() if not line.startswith("# ")]
