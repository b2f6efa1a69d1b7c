"""Fixtures of the preflight checks."""

import os
from pathlib import Path

import pytest


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a fake kubectl.

    It records its arguments, prints the files `output` and, as errors, `errors`, and exits with the file `status`.
    """
    program = tmp_path / "kubectl"
    program.write_text(
        f'#!/bin/sh\ncd {tmp_path}\necho "$@" > arguments\ncat output\ncat errors >&2\nexit $(cat status)\n'
    )
    program.chmod(0o755)
    for name, text in (("output", ""), ("errors", ""), ("status", "0")):
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path
