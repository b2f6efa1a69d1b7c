"""Fixtures of the catalogue tests."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from common.project import PROJECT
from tests.catalogue.small_catalogue import RULE_FILE, TUNABLES_FILE

Run = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[..., Path]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of the checkout in which rules, runbooks and tests can be changed.

    The rest are links.
    """
    for path in PROJECT.iterdir():
        if path.name in ("rules", "runbooks", "tests"):
            shutil.copytree(path, tmp_path / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif not path.name.startswith("."):
            (tmp_path / path.name).symlink_to(path)
    return tmp_path


@pytest.fixture
def run(checkout: Path) -> Run:
    """Return a function that runs a module of the copied checkout."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False, env=environment)

    return call


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes the small catalogue with replacements."""

    def write_catalogue(*changes: tuple[str, str], tunables: str = TUNABLES_FILE) -> Path:
        text = RULE_FILE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "cache.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "tunables.yaml").write_text(tunables, encoding="utf-8")
        return tmp_path

    return write_catalogue
