"""Panel links to the dashboard with more detail, filtered by the clicked series."""

from collections.abc import Mapping
from typing import Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from dashboards.model import Board, Panel, Variable, View

# Variables of every board, in addition to its own.
_EVERYWHERE: Final = ("datasource", "environment")


def panel_link(panel: Panel, board: Board, boards: Mapping[str, Board]) -> models.DashboardLink | None:
    """Return the link of a panel: to the board that it opens, or to its own board with a filter.

    Return None if the stack does not have the board, or if the link to the own board would filter nothing.
    """
    target = boards.get(panel.opens or board.uid)
    if target is None:
        return None
    filled = link_variables(panel, target)
    if target is board and not filled:
        return None
    defined = {variable.name for variable in target.variables}
    passed = [name for name in (*_EVERYWHERE, *(each.name for each in board.variables)) if name not in filled]
    clicked = "${__data.fields.%s}" if panel.view is View.TABLE else "${__field.labels.%s}"
    query = [
        "${__url_time_range}",
        *(f"var-{name}={clicked % label}" for name, label in filled.items()),
        *(f"${{{name}:queryparam}}" for name in passed if name in defined or name in _EVERYWHERE),
    ]
    title = "Filter by this series" if target is board else f"Open {target.title}"
    return (
        builders.DashboardLink(title)
        .type(models.DashboardLinkType.LINK)
        .url(f"/d/{target.uid}?{'&'.join(query)}")
        .build()
    )


def link_variables(panel: Panel, target: Board) -> dict[str, str]:
    """Return the target's variables that a click on a panel sets, each with its source label."""
    return {
        variable.name: label
        for variable in target.variables
        for label in sorted(panel.shared_labels)
        if _fills(label, variable, panel)
    }


def filter_variables(panel: Panel, board: Board) -> dict[str, str]:
    """Return the board's variables that filter every query of a panel, each with its label.

    An alert's link to the panel may set only these: any other variable could hide the alert's series.
    """
    return {
        variable.name: label
        for variable in board.variables
        for label in (variable.name, variable.source_label)
        if _filters(label, variable, panel)
    }


def _fills(label: str, variable: Variable, panel: Panel) -> bool:
    """Return whether a label sets a variable: one of the same name, or one that filters the panel by the label."""
    return label == variable.name or (label == variable.source_label and _filters(label, variable, panel))


def _filters(label: str, variable: Variable, panel: Panel) -> bool:
    return all(f'{label}=~"${variable.name}"' in signal.expression for signal in panel.signals)
