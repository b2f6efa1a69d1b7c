"""How a test interrupts `make up` in the middle, and sees that the next one ends whole."""

from __future__ import annotations

import json
import subprocess
from typing import Final

import psutil

from tools.checkout import Checkout

# What the engine prints when the definitions are there and nothing else is.
MIDDLE_OF_UP: Final = "operator-release creating"


def read_until(process: subprocess.Popen[str], sign: str) -> str:
    """Read the output of a command up to a sign of progress."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if sign in line:
            return seen
    raise AssertionError(f"no {sign!r} in\n{seen}")


def engine_processes(checkout: Checkout) -> list[psutil.Process]:
    """The engine's processes that work on this checkout, plug-ins and program included."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("PULUMI_BACKEND_URL") == checkout.deployment.backend.as_uri():
                found.append(process)
        except psutil.Error:
            continue
    return found


def assert_up_completes(checkout: Checkout) -> None:
    result = checkout.run("up")
    assert result.returncode == 0, result.stdout
    rows = json.loads(checkout.run("status", "--json").stdout)
    assert {row["kind"] for row in rows} >= {"process", "release", "prometheus", "alertmanager", "rules", "claims"}
    assert [row for row in rows if not row["healthy"]] == []
