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
# A command in the text that names an object.
_INLINE = re.compile(r"`(kubectl (?=[^`]*(?: -n | -A\b|\$|<))[^`]+)`")
# An address of IPv4, or a variable for an address, before a port.
_ADDRESS_IN_URL = re.compile(
    r"https?://(?!127\.0\.0\.1\b)(\$\{?\w*(IP|ADDRESS|INSTANCE|NODE|POD)\}?|\d+(\.\d+){3}):\d+"
)
_UNTAGGED_IMAGE = re.compile(r"--image=[^:]+")
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
    return [Command(name, words) for name, lines in blocks(folder) for line in lines for words in _split(line)]


def blocks(folder: Path = RUNBOOKS) -> list[tuple[str, list[str]]]:
    """Return every block of shell commands in the documents of a folder: the document's name, and the block's lines.

    A command that continues on the next line of the document is one line.
    """
    return [
        (path.stem, list(_lines(block)))
        for path in sorted(folder.glob("*.md"))
        for block in _BLOCK.findall(path.read_text(encoding="utf-8"))
    ]


def inline_commands(folder: Path = RUNBOOKS) -> list[tuple[str, str]]:
    """Return the commands in the text of the documents of a folder, each with the document's name.

    A name such as `kubectl cordon` is not a command: it has no object.
    """
    return [
        (path.stem, found)
        for path in sorted(folder.glob("*.md"))
        for found in _INLINE.findall(_BLOCK.sub("", path.read_text(encoding="utf-8")))
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
    if any(_UNTAGGED_IMAGE.fullmatch(word) for word in words):
        yield "an image without a tag is pulled again although the node has it: a registry must answer at night"
    for flag, namespace in pairwise(words):
        if flag in ("-n", "--namespace") and not namespace.startswith("$") and namespace not in _NAMESPACES:
            yield f'namespace {namespace} differs by stack: write "$NAMESPACE"'


def _lines(block: str) -> Iterator[str]:
    text = ""
    for line in block.replace("\\\n", " ").splitlines():
        # A quotation may continue on the next line.
        text += line
        try:
            _split(text)
        except ValueError:
            text += "\n"
        else:
            yield text
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
