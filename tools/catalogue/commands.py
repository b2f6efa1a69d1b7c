"""Commands in runbooks, and habits with which a command does less at night than it seems to."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from common.project import RUNBOOKS

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
# An address of IPv4, or a variable for an address, before a port.
_ADDRESS_IN_URL = re.compile(
    r"https?://(?!127\.0\.0\.1\b)(\$\{?\w*(IP|ADDRESS|INSTANCE|NODE|POD)\}?|\d+(\.\d+){3}):\d+"
)
_SEPARATORS = frozenset("|&;<>()")
# The stack's namespace by default; each stack's own runbooks name that of its settings.
_NAMESPACES = frozenset(
    {"monitoring", "monitoring-node-exporter", "kube-system", "kube-node-lease", "ingress-nginx", "cert-manager"}
)


@dataclass(frozen=True)
class Command:
    """A command without its pipes and redirections.

    Attributes:
        runbook: Name of the runbook.
        words: The command and its arguments.
    """

    runbook: str
    words: tuple[str, ...]

    @property
    def own_words(self) -> tuple[str, ...]:
        """The words before `--`, which the command reads itself."""
        return self.words[: self.words.index("--")] if "--" in self.words else self.words

    def __str__(self) -> str:
        """Return runbook and command."""
        return f"runbooks/{self.runbook}.md: {shlex.join(self.words)}"


def commands(folder: Path = RUNBOOKS) -> list[Command]:
    """Return every command of every runbook, in order."""
    return [
        Command(path.stem, words)
        for path in sorted(folder.glob("*.md"))
        for block in _BLOCK.findall(path.read_text(encoding="utf-8"))
        for words in _commands(block)
    ]


def habits(command: Command) -> Iterator[str]:
    """Yield what is wrong with a command although it is valid."""
    words = command.own_words
    if any(_ADDRESS_IN_URL.search(word) for word in command.words):
        yield "an IPv6 address needs brackets in a URL: use `kubectl port-forward` and localhost, or a name"
    if words[0] != "kubectl":
        return
    if "logs" in words and {"-l", "--selector"} & set(words) and not any(each.startswith("--tail") for each in words):
        yield "with a selector, `logs` prints 10 lines per container: add --tail=10000"
    if words[1:2] == ("debug",) and "--profile=sysadmin" not in words:
        yield "without --profile=sysadmin, `debug node` may not enter the host's namespaces"
    for flag, namespace in pairwise(words):
        if flag in ("-n", "--namespace") and not namespace.startswith("$") and namespace not in _NAMESPACES:
            yield f'namespace {namespace} differs by stack: write "$NAMESPACE"'


def _commands(block: str) -> Iterator[tuple[str, ...]]:
    text = ""
    for line in block.replace("\\\n", " ").splitlines():
        # A quotation may continue on the next line.
        text += line
        try:
            yield from _split(text)
        except ValueError:
            text += "\n"
        else:
            text = ""


def _split(line: str) -> list[tuple[str, ...]]:
    """Return the commands of a line; ValueError if a quotation is not closed."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found: list[list[str]] = [[]]
    redirected = False
    for word in lexer:
        if not set(word) <= _SEPARATORS:
            if not redirected:
                found[-1].append(word)
            redirected = False
        elif set(word) & set("<>"):
            redirected = True
            if found[-1] and found[-1][-1].isdigit():  # of `2>&1`
                found[-1].pop()
        else:
            found.append([])
    return [tuple(words) for words in found if words]
