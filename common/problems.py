"""Problems of settings and catalogue files, in one form."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Problem:
    """A problem: the key, the value found there, and the allowed values."""

    key: str
    found: str
    allowed: str

    def __str__(self) -> str:
        """Return the problem as one line."""
        return f"{self.key}: found {self.found}; allowed: {self.allowed}"


class CatalogueError(Exception):
    """The catalogue or its overrides are invalid; `problems` has every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Build the message, one line per problem."""
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def suggestion(unknown: str, valid: Iterable[str]) -> str:
    """Return the allowed names in words, starting with the one most similar to the unknown name."""
    names = sorted(valid)
    close = get_close_matches(unknown, names, n=1)
    return "".join(f"{name} (did you mean that?), or " for name in close) + "one of " + ", ".join(names)
