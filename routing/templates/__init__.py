"""Go templates of notifications, one file per channel."""

import hashlib
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent

# The operator mounts the other files of the Secret with the configuration in this folder.
MOUNTED_TEMPLATES: Final = "/etc/alertmanager/config/*.tmpl"


def templates() -> dict[str, str]:
    """Return the text of each template file by its name."""
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(_FOLDER.glob("*.tmpl"))}


def templates_mark() -> str:
    """Return a path that no file has and that changes with the templates.

    Alertmanager shows only a hash of its configuration file. With this path in it, the hash covers the templates, too.
    """
    digest = hashlib.sha256("".join(f"{name}\0{text}\0" for name, text in templates().items()).encode()).hexdigest()
    return f"/etc/alertmanager/config/{digest[:12]}"
