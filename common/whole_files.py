"""Files that are written completely or not at all."""

from collections.abc import Mapping
from pathlib import Path


def write_all(files: Mapping[Path, str]) -> None:
    """Write several files; if one cannot be written, none of them changes.

    Raises:
        OSError: a file or its folder cannot be written.
    """
    parts: dict[Path, Path] = {}
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}.part")
            parts[part] = path
            part.write_text(text, encoding="utf-8")
    except BaseException:  # Ctrl-C too: what is half done would break the next run.
        for part in parts:
            part.unlink(missing_ok=True)
        raise
    for part, path in parts.items():
        part.replace(path)
