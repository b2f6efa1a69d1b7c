"""Problems of settings and catalogue files, in one form."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

# Most characters of a key and of a value in a message.
_LONGEST_PART: Final = 200


@dataclass(frozen=True)
class Problem:
    """A problem: the key, the value found there, and the allowed values, each as one printable line."""

    key: str
    found: str
    allowed: str

    def __post_init__(self) -> None:
        """Escape what a terminal would obey or could not print, and shorten what the input made long."""
        for name, longest in (("key", _LONGEST_PART), ("found", _LONGEST_PART), ("allowed", None)):
            object.__setattr__(self, name, printable(getattr(self, name), longest))

    def __str__(self) -> str:
        """Return the problem as one line."""
        return f"{self.key}: found {self.found}; allowed: {self.allowed}"


class CatalogueError(Exception):
    """The catalogue or its overrides are invalid; `problems` has every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Build the message, one line per problem."""
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def aligned(problems: Sequence[Problem]) -> list[str]:
    """Return one line per problem, with the keys in a column."""
    width = max((len(problem.key) for problem in problems), default=0)
    return [f"  {problem.key:<{width}}  found {problem.found}; allowed: {problem.allowed}" for problem in problems]


def printable(text: str, longest: int | None = None) -> str:
    """Return a text as one printable line: other characters are escaped, and the end of a long text is left out."""
    rest = "" if longest is None or len(text) <= longest else f"... ({len(text)} characters)"
    return "".join(each if each.isprintable() else _escape(each) for each in text[:longest]) + rest


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def suggestion(unknown: str, valid: Iterable[str]) -> str:
    """Return the allowed names in words, starting with the one most similar to the unknown name."""
    names = sorted(valid)
    # The search takes long for long texts, and no name is that long.
    close = get_close_matches(unknown, names, n=1) if len(unknown) <= _LONGEST_PART else []
    return "".join(f"{name} (did you mean that?), or " for name in close) + "one of " + ", ".join(names)
