"""What the tests of the catalogue share."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from common.project import PROJECT

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout whose rules, cases and runbooks may be changed; all else in it is this one's."""
    for path in PROJECT.iterdir():
        if path.name in ("rules", "runbooks", "tests"):
            shutil.copytree(path, tmp_path / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif not path.name.startswith("."):
            (tmp_path / path.name).symlink_to(path)
    return tmp_path


@pytest.fixture
def run(checkout: Path) -> Run:
    """Return a function that runs a module of that checkout."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False, env=environment)

    return call
