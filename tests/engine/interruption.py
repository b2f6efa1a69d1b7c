"""Interruption of `make up`, and the check that the next `make up` completes."""

from __future__ import annotations

import json
import subprocess
from typing import Final

from tools.checkout import Checkout

# Output of the engine when the CRDs exist and nothing else does.
MIDDLE_OF_UP: Final = "operator-release creating"


def add_database(checkout: Checkout, name: str) -> str:
    """Add a database to the settings; return the output of the engine when the release of its exporter is created."""
    with checkout.edit_settings() as settings:
        databases = settings["monitoring:postgres"]
        databases.append({**databases[0], "name": name, "service": name})
    return f"postgres-exporter-{name}-release creating"


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """Read the output of a command up to a text."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if text in line:
            return seen
    raise AssertionError(f"no {text!r} in\n{seen}")


def assert_up_completes(checkout: Checkout) -> None:
    result = checkout.run("up")
    assert result.returncode == 0, result.stdout
    rows = json.loads(checkout.run("status", "--json").stdout)
    assert {row["kind"] for row in rows} >= {"process", "release", "prometheus", "alertmanager", "rules", "volumes"}
    assert [row for row in rows if not row["healthy"]] == []
