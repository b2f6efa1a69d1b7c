"""Loading of the alerting catalogue from the rule files."""

from pathlib import Path

from catalogue.model import Catalogue
from catalogue.rule_files import read_rule_files
from common.problems import CatalogueError
from common.project import RULES


def load(folder: Path = RULES) -> Catalogue:
    """Load the rule files of every area and the tunables from a folder.

    Raises:
        CatalogueError: with every problem in the files.
    """
    catalogue, problems = read_rule_files(folder)
    if problems:
        raise CatalogueError(problems)
    return catalogue
