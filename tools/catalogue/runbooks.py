"""Completeness of runbooks: headings, sections, placeholders."""

import re
from collections.abc import Iterator
from typing import Final

from catalogue.runbooks import END, START
from common.problems import Problem

# Headings of a runbook in their order.
HEADINGS: Final = ("Meaning", "Impact", "Diagnosis", "Mitigation", "Escalation", "False positives")

_MIN_WORDS: Final = 80
_PLACEHOLDER: Final = re.compile(
    r"\b(todo|tbd|fixme|xxx|lorem|coming soon|fill in|to be written|placeholder)\b", re.IGNORECASE
)


def gaps(name: str, text: str) -> list[Problem]:
    """Return the problems of the runbook of an alert."""
    return list(_gaps(name, text))


def own_text(text: str) -> str:
    """Return the hand-written text of a runbook."""
    without_block = re.sub(f"{re.escape(START)}.*?{re.escape(END)}", "", text, flags=re.DOTALL)
    return re.sub(r"^#.*$", "", without_block, flags=re.MULTILINE)


def section(text: str, heading: str) -> str:
    """Return the text of one section of a runbook."""
    return re.split(r"^## .*$", text.partition(f"## {heading}\n")[2], flags=re.MULTILINE)[0].strip()


def _gaps(name: str, text: str) -> Iterator[Problem]:
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    titles = re.findall(r"^# (.*)$", prose, flags=re.MULTILINE)
    if titles != [name]:
        yield Problem("title", ", ".join(titles) or "none", name)
    headings = re.findall(r"^##+ (.*)$", prose, flags=re.MULTILINE)
    if headings != list(HEADINGS):
        yield Problem("headings", ", ".join(headings) or "none", ", ".join(HEADINGS))
    for heading in HEADINGS:
        if heading in headings and len(section(text, heading).split()) < 5:
            yield Problem(heading, repr(section(text, heading)), "at least one sentence")
    if placeholder := _PLACEHOLDER.search(own_text(text)):
        yield Problem("text", placeholder.group(), "text instead of the placeholder")
    if (words := len(own_text(prose).split())) < _MIN_WORDS:
        yield Problem("text", f"{words} words", f"{_MIN_WORDS} words at least")
