"""Paths of the project's folders."""

from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[1]
RULES: Final = PROJECT / "rules"
RULE_TESTS: Final = PROJECT / "tests" / "rules"
RUNBOOKS: Final = PROJECT / "runbooks"
DOCS: Final = PROJECT / "docs"
