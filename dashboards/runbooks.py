"""Runbooks as boards of Grafana: one board per area, one panel of text per alert."""

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import text as text_builders
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.text import TextMode

from catalogue.model import Alert, Area
from catalogue.panel_links import panel_id, panel_path
from catalogue.runbooks import END, START
from dashboards.rendering.layout import COLUMNS

_HEIGHT: Final = 16
# Not the tag of the other boards, whose menu would list these too.
_TAG: Final = "runbooks"


def paths(areas: Iterable[Area]) -> dict[str, str]:
    """Return the path of each runbook in Grafana, by its path in the repository."""
    return {
        rule.annotations["runbook_url"]: panel_path(uid(area.name), rule.name)
        for area in areas
        for group in area.groups
        for rule in group.rules
        if isinstance(rule, Alert)
    }


def render(runbooks: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return each board as compact JSON by uid; `runbooks` are texts by file name, by area."""
    return {uid(area): _board(area, texts) for area, texts in runbooks.items()}


def uid(area: str) -> str:
    """Return the uid of an area's board."""
    return f"bais-runbooks-{area}"


def _board(area: str, texts: Mapping[str, str]) -> str:
    board = (
        builders.Dashboard(f"BAIS Runbooks: {area}")
        .uid(uid(area))
        .description(f"The runbook of each alert of the area {area}, with the thresholds of this stack.")
        .tags([_TAG])
        .timezone("utc")
        .readonly()
    )
    for number, (name, text) in enumerate(sorted(texts.items())):
        alert = PurePosixPath(name).stem
        board.with_panel(
            text_builders.Panel()
            .id(panel_id(alert))
            .title(alert)
            .mode(TextMode.MARKDOWN)
            .content(_content(text))
            .grid_pos(models.GridPos(x=0, y=number * _HEIGHT, w=COLUMNS, h=_HEIGHT))
        )
    return json.dumps(
        json.loads(JSONEncoder(sort_keys=True).encode(board.build())), sort_keys=True, separators=(",", ":")
    )


def _content(runbook: str) -> str:
    """Return a runbook without its title, which is that of the panel, and without the marks of its generated block."""
    _, _, content = runbook.partition("\n")
    return content.replace(f"{START}\n", "").replace(f"{END}\n", "").strip()
