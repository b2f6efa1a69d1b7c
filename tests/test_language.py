"""Plain technical English: the words that this project does not use, and what to write instead."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from common.project import PROJECT

# A pattern and what to write instead. Only words that are wrong in every text of the project are listed.
INSTEAD: Final = {
    r"whoever|whosoever": "the reader, the team, anyone who",
    r"somebody|anybody": "someone, or the person or team by name",
    r"(?<![\"'`/:n])\bnobody\b(?![\"'`:])": "no one, or the receiver without a channel in backticks",
    r"\bshall\b": "must, or will",
    r"\banew\b": "again, recreate, rebuild",
    r"\b(cannot|can not|not) be had\b|\bto be had\b": "not available, cannot be built",
    r"for want of": "without, out of",
    r"\bis no (file|folder|mapping|list|name|number|address|link|valid|path|alert|test|metric|page|text)\b": "is not a",
    r"\bmay not bear\b": "may not handle",
    r"\b(a|one) [a-z]+ (a|each) (board|server|area|channel|file|replica|pod|stack|team|cluster)\b": "one … per …",
    r"\b(is|are|was|were) told (of|to|about)\b|\btold by\b|\bhears? of\b": "notified, configured, reported",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\bnothing of that kind\b": "if none of these apply",
    r"^#+ (Have|See|Let) ": "a heading that names the task or the thing",
    r"\bby itself\b(?= (makes|asks|tells))": "automatically",
    r"\bpieces? of the stack\b": "components of the stack",
}
PATTERNS: Final = {re.compile(pattern, re.IGNORECASE | re.MULTILINE): text for pattern, text in INSTEAD.items()}
# Texts that people read, and all code. Licences and generated files are not ours to word.
SUFFIXES: Final = (".md", ".py", ".yaml", ".tmpl", ".ts", ".tsx", ".toml", ".hcl", ".j2")
LEFT_OUT: Final = ("tests/test_language.py", "CHANGELOG.md", "tests/golden/", "local/tools/go/")
FOLDERS: Final = sorted({"", *(path.name for path in PROJECT.iterdir() if path.is_dir() and path.name[0] != ".")})


def texts(folder: str) -> list[Path]:
    """Return the tracked and new files of a top-level folder; of the project itself where the folder is empty."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", folder or "."],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = [name for name in listed.stdout.splitlines() if folder or "/" not in name]
    kept = [name for name in names if name.endswith(SUFFIXES) and not name.startswith(LEFT_OUT)]
    return [PROJECT / name for name in kept if (PROJECT / name).is_file()]


def findings(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the words found and what to write instead."""
    for pattern, instead in PATTERNS.items():
        for match in pattern.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, match[0].strip(), instead


@pytest.mark.parametrize("folder", FOLDERS)
def test_texts_are_in_plain_technical_english(folder: str) -> None:
    found = [
        f"{path.relative_to(PROJECT)}:{line}: {words!r}: write {instead}"
        for path in texts(folder)
        for line, words, instead in sorted(findings(path.read_text(encoding="utf-8")))
    ]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "Somebody remounted it by hand.",
        "A file is no mapping.",
        "One ConfigMap a board.",
        "It cannot be had here.",
        "## Have an address probed",
    ],
)
def test_a_phrase_of_the_list_is_found(text: str) -> None:
    assert list(findings(text))
