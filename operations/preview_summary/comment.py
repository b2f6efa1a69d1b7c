"""Comment on a pull request: the summaries of its previews as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from common.words import counted
from operations.preview_summary.alerts import AlertChange
from operations.preview_summary.boards import BoardChange, pictures
from operations.preview_summary.differences import Difference
from operations.preview_summary.markdown import Block, code, names, rendered, value
from operations.preview_summary.model import CREATE, DELETE, UPDATE, Step
from operations.preview_summary.notifications import Redirection
from operations.preview_summary.summary import Summary

# The first line of the comment, by which a pipeline finds it again and edits it.
MARKER: Final = "<!-- bais-monitoring: preview -->"
# GitHub's limit is 65,536 characters; GitLab's is higher.
LONGEST: Final = 65_000
_LONGEST_ERROR: Final = 600
_NO_ONE: Final = "no one"
_LONGEST_EXPRESSION: Final = 400
_LONGEST_PATH: Final = 200


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """Pictures of dashboards.

    Attributes:
        folder: Folder of the files, whose names begin with the uid of the board.
        url: Address of the folder, if it ends with a slash; else one address of all pictures, such as an archive.
    """

    folder: Path | None = None
    url: str = ""


def comment(summaries: Sequence[Summary], shown: Pictures | None = None) -> str:
    """Return the comment about the previews of one pull request, one section per stack."""
    share = (LONGEST - len(MARKER)) // max(len(summaries), 1) - 1
    return "\n".join([MARKER, *(_section(each, shown or Pictures(), share) for each in summaries)])


def _section(summary: Summary, shown: Pictures, longest: int) -> str:
    heading = f"### {summary.preview.stack}: {_headline(summary)}\n"
    blocks = [block for block in _blocks(summary, shown) if block.lines]
    return f"{heading}\n{rendered(blocks, longest - len(heading) - 1)}" if blocks else heading


def _headline(summary: Summary) -> str:
    changes = counted(len(summary.preview.changes), "change")
    if summary.has_failed:
        return "preview failed, the rest is incomplete" if summary.preview.changes else "preview failed"
    if summary.lost_claims:
        return f"{changes}, **data would be lost**"
    return changes if summary.preview.changes else "no changes"


def _blocks(summary: Summary, shown: Pictures) -> Iterator[Block]:
    preview = summary.preview
    yield Block("errors", [f"**error**: {_fixed(each)}" for each in preview.errors], is_folded=False)
    yield Block("policies", [f"**refused by policy** {_fixed(each)}" for each in preview.violations], is_folded=False)
    yield Block("deleted or replaced", [_removal(step) for step in summary.removals], is_folded=False)
    yield Block("notified differently", [_redirected(*each) for each in summary.redirected.items()])
    for state, chosen in _by_state(summary.alerts):
        yield Block(f"alerts {state}", [f"alert {state}: {_alert(each, summary)}" for each in chosen])
    expressions = [each for each in summary.alerts if each.has_new_expression]
    yield Block("expressions", [line for each in expressions for line in _expression(each)], is_folded=True)
    yield Block("recording rules", _one("recording rules changed", summary.recordings))
    yield Block("routes and receivers", [_difference("route", each) for each in summary.routes])
    yield Block("settings", [_difference("setting", each) for each in summary.settings or ()])
    yield Block("dashboards", [_board(each, shown) for each in summary.boards])
    yield Block("runbooks", _one("runbooks changed", summary.runbooks))
    yield Block("other resources", list(_others(summary)))
    yield Block("warnings", [_fixed(each) for each in preview.warnings], is_folded=True)


def _removal(step: Step) -> str:
    name = f"{step.kind} {code(step.name)}"
    if step.operation == DELETE:
        rest = ", its data is lost" if step.loses_data else ""
        return f"**no longer managed, but kept: {name}**" if step.is_retained else f"**deleted: {name}**{rest}"
    cause = f" because of {names(step.reasons)}" if step.reasons else ""
    return f"**replaced: {name}**{cause}{', its data is lost' if step.loses_data else ''}"


def _redirected(change: Redirection, alerts: Sequence[str]) -> str:
    state = f"**{change.paging}**" if change.paging else "notified differently"
    if change.lost and change.gained:
        people = f"{_people(change.lost)} → {_people(change.gained)}"
    else:
        people = f"also {_people(change.gained)}" if change.gained else f"no longer {_people(change.lost)}"
    return f"{state}: {names(alerts)}: {people}"


def _people(found: Sequence[str]) -> str:
    return ", ".join(code(each) for each in found) or _NO_ONE


def _by_state(changes: Sequence[AlertChange]) -> Iterator[tuple[str, list[AlertChange]]]:
    yield "added", [each for each in changes if each.old is None]
    yield "changed", [each for each in changes if each.old and each.new]
    yield "removed", [each for each in changes if each.new is None]


def _alert(change: AlertChange, summary: Summary) -> str:
    rule = change.new or change.old or {}
    severity = rule.get("labels", {}).get("severity", "no severity")
    if change.old is None or change.new is None:
        wait = f", for {rule['for']}" if "for" in rule else ""
        people = _people(summary.notified(rule, before=change.new is None))
        return f"{code(change.name)} ({severity}{wait}), notifies {people}"
    numbers = [f"{code(each.name) + ' ' if each.name else ''}{each.old} → {each.new}" for each in change.numbers]
    fields = [f"{name} {value(old, name)} → {value(new, name)}" for name, old, new in change.fields()]
    parts = [*numbers, *fields]
    parts += ["expression changed"] if change.has_new_expression else []
    parts += ["text changed"] if change.has_new_text and not parts else []
    return f"{code(change.name)} ({severity}): {', '.join(parts) or 'changed'}"


def _expression(change: AlertChange) -> Iterator[str]:
    for title, rule in (("was", change.old or {}), ("now", change.new or {})):
        text = re.sub(r"\s+", " ", str(rule.get("expr", ""))).strip()
        yield f"{code(change.name)} {title} {code(text, _LONGEST_EXPRESSION)}"


def _difference(subject: str, found: Difference) -> str:
    change = f"{value(found.old, found.path)} → {value(found.new, found.path)}"
    return f"{subject} {code(found.path, _LONGEST_PATH)}: {change}"


def _board(change: BoardChange, shown: Pictures) -> str:
    parts = [
        f"{verb} {names(titles)}"
        for verb, titles in (("added", change.added), ("changed", change.changed), ("removed", change.removed))
        if titles
    ]
    found = ", ".join(_picture(file, shown) for file in pictures(change.uid, shown.folder))
    panels = f", panels {'; '.join(parts)}" if parts else ""
    return f"dashboard {change.state}: {code(change.title)}{panels}{f' (pictures: {found})' if found else ''}"


def _picture(file: str, shown: Pictures) -> str:
    name = quote(file)
    address = shown.url if shown.url and not shown.url.endswith("/") else f"{shown.url}{name}"
    return f"[{name.removesuffix('.png')}]({address})"


def _one(title: str, found: Sequence[str]) -> list[str]:
    return [f"{title}: {names(found)}"] if found else []


def _others(summary: Summary) -> Iterator[str]:
    for operation, verb in ((CREATE, "created"), (UPDATE, "updated")):
        kinds = {kind: count for (each, kind), count in summary.others.items() if each == operation}
        if kinds:
            yield f"{verb}: {', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}"


def _fixed(message: str) -> str:
    """Return a message of the engine as code in one line."""
    return code(" · ".join(line.strip() for line in message.splitlines() if line.strip()), _LONGEST_ERROR)
