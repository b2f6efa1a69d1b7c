"""Table of the on-call guide, generated from the scenarios: `python -m tools.scenarios.on_call_table [--check]`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from catalogue.codegen import write_or_check
from common.project import DOCS
from tools.delivery.stacks import stack
from tools.scenarios.model import Notification, Scenario, load
from tools.scenarios.outcome import paging_receivers
from tools.scenarios.stacks import SCENARIOS

DOCUMENT: Final = DOCS / "operations" / "on-call.md"

_BEGIN: Final = "<!-- generated from tests/scenarios by python -m tools.scenarios.on_call_table -->\n"
_END: Final = "<!-- end of the generated table -->\n"
_HEAD: Final = ("| what happens | wakes | tells |", "|---|---|---|")
# Receivers that get copies of what others get.
_COPIES: Final = ("business", "error-budgets")


def document() -> str:
    """Return the guide with the current table."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    lines = "\n".join((*_HEAD, *rows(load(SCENARIOS))))
    return f"{before}{_BEGIN}\n{lines}\n\n{_END}{after}"


def rows(scenarios: Iterable[Scenario]) -> Iterator[str]:
    """Yield a row per scenario of production that does not fail, by family."""
    paging = paging_receivers(stack("prod").configuration)
    chosen = [each for each in scenarios if each.stack == "prod" and not each.open]
    for family, members in groupby(sorted(chosen, key=lambda each: (each.family, each.name)), lambda each: each.family):
        yield f"| **{family}** | | |"
        for each in members:
            others = [one for one in each.notifications if one.receiver not in _COPIES]
            wakes = _names(one for one in others if one.receiver in paging)
            tells = _names(one for one in others if one.receiver not in paging)
            yield f"| {each.story.rstrip('.')} | {wakes} | {tells} |"


def _names(notifications: Iterable[Notification]) -> str:
    names = [", ".join(f"`{name}`" for name in one.alerts) for one in notifications]
    return "; ".join(dict.fromkeys(names)) or "no one"


def main(arguments: list[str] | None = None) -> int:
    """Write the table, or check it with `--check`."""
    return write_or_check(
        "tools.scenarios.on_call_table", __doc__, "docs/operations", {DOCUMENT: document()}, arguments
    )


if __name__ == "__main__":
    sys.exit(main())
