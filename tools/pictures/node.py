"""Node.js commands of the pictures tool: install packages, check types, draw."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from local.tools.debian import library_environment, program

FOLDER: Final = Path(__file__).parent
PACKAGES: Final = FOLDER / "node_modules"
_TYPED: Final = FOLDER / "types" / "boards"


class NodeError(Exception):
    """A command of npm or node failed, or is not installed."""


def install(console: Console) -> None:
    """Install the packages of the lock file, unless they are installed."""
    lock = FOLDER / "package-lock.json"
    # npm writes this file last, so an incomplete installation does not count.
    installed = PACKAGES / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    with console.status("installing npm packages: about 500 MB, a minute or two"):
        _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def check_types(boards: Mapping[str, Any]) -> None:
    """Check boards against Grafana's types, and this tool's TypeScript sources.

    Raises:
        NodeError: a type does not match; the message lists every place.
    """
    shutil.rmtree(_TYPED, ignore_errors=True)
    _TYPED.mkdir()
    for uid, board in boards.items():
        written = json.dumps(board, indent=2, sort_keys=True)
        text = f"import type {{ Board }} from '../board';\n\nexport const board: Board = {written};\n"
        (_TYPED / f"{uid}.ts").write_text(text, encoding="utf-8")
    _run("npm", "run", "--silent", "types")


def draw(pictures: Mapping[Path, Path]) -> dict[Path, list[dict[str, str]]]:
    """Draw data files as pictures; return per picture which component drew each panel.

    Raises:
        NodeError: a page fails, or does not stop changing.
        UnavailableError: Chromium is not available.
    """
    launcher = program("chromium", "chromium")
    # The launcher expects a fixed path; the browser itself runs from any path.
    browser = launcher.parents[1] / "lib" / "chromium" / "chromium"
    _run("npm", "run", "--silent", "build")
    files = [str(file) for pair in pictures.items() for file in pair]
    printed = _run(
        "node",
        "build/draw.js",
        str(browser if browser.exists() else launcher),
        *files,
        environment=library_environment(launcher),
    )
    reports = map(json.loads, printed.splitlines())
    return {Path(report["picture"]): report["panels"] for report in reports}


def _run(*command: str, environment: Mapping[str, str] | None = None) -> str:
    if not shutil.which(command[0]):
        raise NodeError(f"{command[0]}: not found; Node.js 20 or later is needed (Debian: nodejs and npm)")
    result = subprocess.run(
        command, cwd=FOLDER, env=os.environ | (environment or {}), capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise NodeError(f"{' '.join(command[:3])}:\n{(result.stdout + result.stderr).strip()}")
    return result.stdout
