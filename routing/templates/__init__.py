"""Go templates of notifications, one file per channel."""

import hashlib
from pathlib import Path
from typing import Final

from common.problems import CatalogueError, Problem
from common.yaml_files import InvalidFileError, read_text

_FOLDER: Final = Path(__file__).parent

# The operator mounts the other files of the Secret with the configuration in this folder.
MOUNTED_TEMPLATES: Final = "/etc/alertmanager/config/*.tmpl"


def templates(folder: Path = _FOLDER) -> dict[str, str]:
    """Return the text of each template file by its name.

    Raises:
        CatalogueError: with every file that is too large or is not UTF-8.
    """
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for file in sorted(folder.glob("*.tmpl")):
        try:
            texts[file.name] = read_text(file)
        except InvalidFileError as error:
            problems.append(Problem(file.name, error.found, error.allowed))
    if problems:
        raise CatalogueError(problems)
    return texts


def templates_mark() -> str:
    """Return a path that no file has and that changes with the templates.

    Alertmanager shows only a hash of its configuration file. With this path in it, the hash covers the templates, too.
    """
    digest = hashlib.sha256("".join(f"{name}\0{text}\0" for name, text in templates().items()).encode()).hexdigest()
    return f"/etc/alertmanager/config/{digest[:12]}"
