"""Generated page of requirements, alerts and panels: `python -m dashboards.requirement_docs [--check]`."""

import sys
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap
from typing import Final

from catalogue import requirements
from catalogue.codegen import write_or_check
from catalogue.panel_links import link_parts
from common.project import DOCS
from dashboards import stack
from dashboards.defaults import CATALOGUE, RULES
from dashboards.model import Board
from dashboards.rendering import panel_alerts
from dashboards.rendering.panel_alerts import BoardAlert

DOCUMENT = DOCS / "reference" / "requirements.md"

_HEAD: Final = """\
<!-- generated from rules/ and dashboards/ by python -m dashboards.requirement_docs -->
# Requirements

The alerts that cover each requirement, then [panels by alert](#panels-by-alert) and
[alerts by panel](#alerts-by-panel).
"""
_TO_PANEL: Final = """\
## Panels by alert

The panel that each alert's `dashboard_url` opens, and the dashboard variables that it sets from the alert's labels.
A label whose name differs from the variable's is in brackets. A variable whose label is missing on the alert is not
set. Panels of probed addresses have no variables to set.

| alert | severity | dashboard | panel | sets | runbook |
|---|---|---|---|---|---|"""
_LONGEST_CELL: Final = 140
_TO_ALERTS: Final = """\

## Alerts by panel

Each panel's description lists these alerts with links to their runbooks. A shared limit is one tunable for both."""


def document() -> str:
    """Return the page of Markdown, with the catalogue's defaults."""
    of_stack = list(panel_alerts.alerts_of_rules(RULES))
    lines = [
        _HEAD,
        *requirements.sections(requirements.load(CATALOGUE)),
        _TO_PANEL,
        *_alerts(),
        _TO_ALERTS,
        *(line for board in stack.BOARDS for line in _board(board, of_stack)),
    ]
    return "\n".join(lines) + "\n"


def _alerts() -> Iterator[str]:
    variables = stack.link_variables()
    for alert in CATALOGUE.alerts.values():
        link = alert.annotations["dashboard_url"]
        board, panel = link_parts(link)
        filled = [
            f"`{variable}`" if variable == label else f"`{variable}` (`{label}`)"
            for variable, label in variables[link].items()
        ]
        runbook = f"[runbook](../../{alert.annotations['runbook_url']})"
        yield f"| {alert.name} | {alert.severity} | `{board}` | `{panel}` | {', '.join(filled)} | {runbook} |"


def _board(board: Board, of_stack: Sequence[BoardAlert]) -> Iterator[str]:
    rows = [
        f"| `{slug}` | {left} | {right} |"
        for slug, panel in board.panels.items()
        for opening, sharing in [
            (
                panel_alerts.alerts_opening(board.uid, panel, of_stack),
                panel_alerts.alerts_sharing_limit(panel, of_stack),
            )
        ]
        for left, right in zip_longest(
            _cells(opening), _cells([alert for alert in sharing if alert not in opening]), fillvalue=""
        )
    ]
    if rows:
        yield from ["", f"### `{board.uid}`", "", "| panel | opened by | shares a limit with |", "|---|---|---|", *rows]


def _cells(named: Sequence[BoardAlert]) -> list[str]:
    """Return the names of alerts, in as many cells as the longest cell of a table requires."""
    names = ", ".join(alert.name for alert in named)
    return [cell.rstrip(",") for cell in wrap(names, _LONGEST_CELL, break_on_hyphens=False)]


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or with --check report whether it is current; return the exit status."""
    return write_or_check("dashboards.requirement_docs", __doc__, "docs/reference", {DOCUMENT: document()}, arguments)


if __name__ == "__main__":
    sys.exit(main())
