"""Shell commands of runbooks and operations guides, with the values of their variables on the demo platform.

The commands of psql and redis-cli run in `tests/tools/proof/test_runbook_databases.py`, those of the engine and of this
project in `tests/engine` and `tests/operations`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from common.project import DOCS, RUNBOOKS
from tools.catalogue.commands import blocks, inline_commands

TABLE: Final = Path(__file__).with_name("runbook_commands.yaml")
FOLDERS: Final = (RUNBOOKS, DOCS / "operations")
# Lines that run elsewhere.
_ELSEWHERE: Final = re.compile(
    r"(?:[A-Z_]+=\S+ )*(?:(?:psql|redis-cli|pulumi|make|git|eval) |scripts/|"
    r"(?:\.venv/bin/)?python -m (?:operations|http\.server))"
)
_LOCAL: Final = re.compile(r"\b(localhost|127\.0\.0\.1):")
_FILE: Final = re.compile(r"> (?P<name>[a-z-]+\.txt)$")
_PLACEHOLDER: Final = re.compile(r"<(\w+)>")
# As in labels of alerts; the variables of scripts in a command are in lower case.
_RUNBOOK_VARIABLE: Final = re.compile(r"\$\{?([A-Z_]+)")
_VARIABLE: Final = re.compile(r"\$\{?([A-Za-z_]+)")


@dataclass(frozen=True)
class Missing:
    """Something that the demo platform or this machine lacks, and the commands that need it.

    Attributes:
        what: What is missing.
        commands: Expression that matches these commands.
        probe: Shell command that succeeds where it exists.
        everywhere: Whether it is missing on every machine.
    """

    what: str
    commands: re.Pattern[str]
    probe: str
    everywhere: bool


@dataclass(frozen=True)
class Table:
    """The content of runbook_commands.yaml; its header describes the keys."""

    variables: Mapping[str, str]
    by_document: Mapping[str, Mapping[str, str]]
    dry_run: tuple[re.Pattern[str], ...]
    silent: Mapping[re.Pattern[str], str]
    missing: tuple[Missing, ...]

    @classmethod
    def load(cls) -> Table:
        """Read the table."""
        content: dict[str, Any] = yaml.safe_load(TABLE.read_text())
        return cls(
            content["variables"],
            content["by_document"],
            tuple(map(re.compile, content["dry_run"])),
            {re.compile(pattern): reason for pattern, reason in content["silent"].items()},
            tuple(
                Missing(row["what"], re.compile(row["commands"]), row["probe"], kind == "platform")
                for kind in ("platform", "machine")
                for row in content["missing"][kind]
            ),
        )


@dataclass(frozen=True)
class Step:
    """A line of a document.

    Attributes:
        document: Name of the first document that has it.
        line: The line.
        variables: The values of its variables.
        forward: The port forwarding that it needs.
        changes: Whether it changes something.
    """

    document: str = field(compare=False)
    line: str
    variables: frozenset[tuple[str, str]]
    forward: Step | None = None
    changes: bool = False

    @property
    def forwards(self) -> bool:
        """Whether it forwards a port until it is ended."""
        return " port-forward " in self.line

    @property
    def source(self) -> str:
        """The command before the first pipe."""
        return self.line[: _first_pipe(self.line)].strip()

    @property
    def filter(self) -> str:
        """The commands after it; empty without a pipe."""
        return self.line[_first_pipe(self.line) + 1 :].strip()

    def __str__(self) -> str:
        """Return document and line."""
        return f"{self.document}: {self.line}"


def steps(table: Table, values: Mapping[str, str]) -> list[Step]:
    """Return every distinct line with its variables.

    `values` are the values of the shell expressions of the table.
    """
    found: dict[Step, None] = {}

    def step(document: str, line: str, forward: Step | None = None, *, changes: bool = False) -> Step:
        text = _PLACEHOLDER.sub(r'"$\1"', line)
        if any(pattern.search(text) for pattern in table.dry_run):
            text = f"{text.partition(' #')[0].rstrip()} --dry-run=server"
        here = {**table.variables, **table.by_document.get(document, {})}
        names = [name for name in _VARIABLE.findall(text) if name in here]
        chosen = frozenset((name, values.get(here[name], here[name])) for name in names)
        return Step(document, text, chosen, forward, changes)

    for folder in FOLDERS:
        for document, lines in blocks(folder):
            forward = None
            for line in _with_files(lines):
                if _ELSEWHERE.match(line):
                    continue
                new = step(document, line, forward if _LOCAL.search(line) else None)
                found.setdefault(new)
                forward = new if new.forwards else forward
        for document, line in inline_commands(folder):
            found.setdefault(step(document, line, changes=True))
    return list(found)


def variables_without_value(table: Table) -> list[str]:
    """Return the variables that the table lacks, with the first document that has each."""
    found = {
        name: step.document for step in reversed(steps(table, {})) for name in _RUNBOOK_VARIABLE.findall(step.line)
    }
    return [f"{document}: {name}" for name, document in found.items() if name not in table.variables]


def unused_values(table: Table) -> list[str]:
    """Return the variables and the documents of the table that no command needs."""
    found = steps(table, {})
    names = {name for step in found for name, _ in step.variables}
    documents = {path.stem for folder in FOLDERS for path in folder.glob("*.md")}
    return sorted({*table.variables} - names | {*table.by_document} - documents)


def expressions(table: Table) -> set[str]:
    """Return the values of variables that are shell expressions."""
    every = [*table.variables.values(), *(value for each in table.by_document.values() for value in each.values())]
    return {value for value in every if value.startswith("$(")}


def _with_files(lines: list[str]) -> list[str]:
    """Return the lines; one that reads a file which the line before writes belongs to it."""
    found: list[str] = []
    for line in lines:
        written = _FILE.search(found[-1]) if found else None
        if written and written["name"] in line:
            found[-1] = f"{found[-1]}; {line}"
        else:
            found.append(line)
    return found


def _first_pipe(line: str) -> int:
    """Return the position of the first pipe outside of quotations, or the end."""
    quoted = ""
    for position, character in enumerate(line):
        if quoted:
            quoted = "" if character == quoted else quoted
        elif character in "'\"":
            quoted = character
        elif character == "|":
            return position
    return len(line)
