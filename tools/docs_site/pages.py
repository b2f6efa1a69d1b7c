"""Pages of the site, the files that they link to, and the table of contents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from catalogue.loader import load
from catalogue.model import AREAS
from common.project import DOCS, PROJECT, RUNBOOKS

HOME: Final = PROJECT / "README.md"

# Chapters in the order of their readers' needs: a title, and the folder.
_CHAPTERS: Final = (
    ("Guides", DOCS / "guides"),
    ("Operations", DOCS / "operations"),
    ("Reference", DOCS / "reference"),
    ("Development", DOCS / "development"),
    ("Decisions", DOCS / "adr"),
)
_CODE: Final = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_ELSEWHERE: Final = re.compile(r"[a-z]+:|#")

# A chapter or page in MkDocs' table of contents.
Entry = dict[str, Any]


def source_files() -> set[Path]:
    """Return every page, and every file of the project that a page links to."""
    pending = [HOME, *DOCS.rglob("*.md"), *RUNBOOKS.glob("*.md")]
    found: set[Path] = set()
    while pending:
        file = pending.pop()
        if file in found:
            continue
        found.add(file)
        if file.suffix == ".md":
            pending += _linked_files(file)
    return found


def contents() -> list[Entry]:
    """Return the table of contents: chapters in the order of their indexes, and runbooks by area."""
    alerts = load().alerts.values()
    runbooks = [
        {area: [_path(RUNBOOKS / f"{alert.name}.md") for alert in alerts if alert.area == area]} for area in AREAS
    ]
    return [
        {"Home": _path(HOME)},
        *({title: [_path(folder / "README.md"), *_index(folder)]} for title, folder in _CHAPTERS),
        {"Runbooks": runbooks},
    ]


def _index(folder: Path) -> list[str]:
    """Return the pages of a folder in the order in which its index lists them."""
    linked = [file for file in _linked_files(folder / "README.md") if file.parent == folder and file.suffix == ".md"]
    return [_path(file) for file in dict.fromkeys(linked) if file.name != "README.md"]


def _linked_files(page: Path) -> Iterator[Path]:
    """Yield the files of the project that a page links to; of a folder, its README."""
    for target in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))):
        if _ELSEWHERE.match(target):
            continue
        file = (page.parent / target.partition("#")[0]).resolve()
        if file.is_dir():
            file /= "README.md"
        if file.is_file() and file.is_relative_to(PROJECT):
            yield file


def _path(file: Path) -> str:
    return file.relative_to(PROJECT).as_posix()
