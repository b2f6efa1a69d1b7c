"""Strict check of dashboards against the schema of Grafana's foundation SDK, which is a Go module."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.tools.toolset import binary


def schema_problems(boards: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the unknown, missing and mistyped fields of boards, each after the board's uid and the field's path."""
    with tempfile.TemporaryDirectory() as folder:
        for uid, board in boards.items():
            (Path(folder) / uid).write_text(json.dumps(board), encoding="utf-8")
        command = [str(binary("dashboard-schema")), *boards]
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    if result.returncode not in (0, 1):
        raise RuntimeError(result.stderr)
    # An empty line would be part of a message of several lines.
    return [line for line in result.stdout.splitlines() if line]
