"""Dashboard pictures in the documentation, reduced in size."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

from common.project import DOCS
from local.tools.debian import library_environment, program

FOLDER: Final = DOCS / "pictures"
# Boards and days.
PICTURES: Final = frozenset(
    {
        *((board, day) for board in ("bais-production", "bais-api") for day in ("healthy", "incident")),
        ("bais-production", "stopped"),
    }
)


def publish(picture: Path, day: str) -> Path:
    """Write a picture with 256 colours, a third of its size, to the documentation; return its path.

    Raises:
        UnavailableError: pngquant is not available.
    """
    target = FOLDER / f"{picture.stem}-{day}.png"
    target.parent.mkdir(exist_ok=True)
    command = program("pngquant", "pngquant")
    arguments = ["--force", "--speed", "1", "--strip", "--output", str(target), str(picture)]
    subprocess.run([str(command), *arguments], env=os.environ | library_environment(command), check=True, timeout=60)
    return target
