"""Where a click on a panel leads: to the board that tells more, narrowed to what was clicked on."""

from collections.abc import Mapping
from typing import Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from dashboards.model import Board, Panel, Variable, View

# What every board has beside the choices of its own.
_EVERYWHERE: Final = ("datasource", "environment")


def panel_link(panel: Panel, board: Board, boards: Mapping[str, Board]) -> models.DashboardLink | None:
    """The link of a panel: to the board that it opens or, if it opens none, to its own narrowed further.

    There is none to a board that the stack does not have, nor to its own where a click would narrow nothing.
    """
    target = boards.get(panel.opens or board.uid)
    if target is None:
        return None
    narrowed = link_variables(panel, target)
    if target is board and not narrowed:
        return None
    offered = {choice.name for choice in target.variables}
    kept = [name for name in (*_EVERYWHERE, *(choice.name for choice in board.variables)) if name not in narrowed]
    clicked = "${__data.fields.%s}" if panel.view is View.TABLE else "${__field.labels.%s}"
    query = [
        "${__url_time_range}",
        *(f"var-{name}={clicked % label}" for name, label in narrowed.items()),
        *(f"${{{name}:queryparam}}" for name in kept if name in offered or name in _EVERYWHERE),
    ]
    title = "Only this" if target is board else f"Open {target.title}"
    return (
        builders.DashboardLink(title)
        .type(models.DashboardLinkType.LINK)
        .url(f"/d/{target.uid}?{'&'.join(query)}")
        .build()
    )


def link_variables(panel: Panel, target: Board) -> dict[str, str]:
    """The choices of a board that a click on a panel makes, each with the label that holds the value."""
    return {
        choice.name: label
        for choice in target.variables
        for label in sorted(panel.shared_labels)
        if _makes(label, choice, panel)
    }


def filter_variables(panel: Panel, board: Board) -> dict[str, str]:
    """The choices of its board that narrow all of a panel, each with the label that it is narrowed by.

    They are what an alert that opens the panel may choose: any other could hide what the alert is about.
    """
    return {
        choice.name: label
        for choice in board.variables
        for label in (choice.name, choice.of_label)
        if _narrows(label, choice, panel)
    }


def _makes(label: str, choice: Variable, panel: Panel) -> bool:
    """A label makes the choice of its own name; another, such as a server's, if that narrows the panel too."""
    return label == choice.name or (label == choice.of_label and _narrows(label, choice, panel))


def _narrows(label: str, choice: Variable, panel: Panel) -> bool:
    return all(f'{label}=~"${choice.name}"' in signal.expression for signal in panel.signals)
