"""Go templates of notifications, one file per channel."""

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent

# The operator mounts the other files of the Secret with the configuration in this folder.
MOUNTED_TEMPLATES: Final = "/etc/alertmanager/config/*.tmpl"


def templates() -> dict[str, str]:
    """Return the text of each template file by its name."""
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(_FOLDER.glob("*.tmpl"))}
