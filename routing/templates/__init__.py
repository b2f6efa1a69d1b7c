"""What notifications say: Go templates, a file for each channel, mounted beside Alertmanager's configuration."""

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent

MOUNTED_TEMPLATES: Final = "/etc/alertmanager/config/*.tmpl"
"""Where the operator mounts whatever the Secret of the configuration holds beside it."""


def templates() -> dict[str, str]:
    """The text of each file, by its name."""
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(_FOLDER.glob("*.tmpl"))}
