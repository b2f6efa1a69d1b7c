"""Loading of the alerting catalogue from the rule files."""

import functools
from pathlib import Path

from catalogue.model import Catalogue
from catalogue.rule_files import read_rule_files
from common.problems import CatalogueError
from common.project import RULES


@functools.cache
def load(folder: Path = RULES) -> Catalogue:
    """Load the rule files and tunables from a folder, once per process.

    Raises:
        CatalogueError: with every problem in the files.
    """
    catalogue, problems = read_rule_files(folder)
    if problems:
        raise CatalogueError(problems)
    return catalogue
