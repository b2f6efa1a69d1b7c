"""What is wrong with a setting or a rule file, in one form everywhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, what stands there, and what may stand there."""

    key: str
    found: str
    allowed: str

    def __str__(self) -> str:
        """Return the problem as one line."""
        return f"{self.key}: found {self.found}; allowed: {self.allowed}"


class CatalogueError(Exception):
    """The catalogue or its overrides cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems in the order in which they were found."""
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def suggestion(unknown: str, valid: Iterable[str]) -> str:
    """Return which names are allowed, the one that was probably meant first."""
    names = sorted(valid)
    close = get_close_matches(unknown, names, n=1)
    return "".join(f"{name} (did you mean that?), or " for name in close) + "one of " + ", ".join(names)
