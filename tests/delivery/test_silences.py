"""`make silence`, `make silences` and `make expire` against a real Alertmanager."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from common.project import PROJECT
from local.demo.fake_receivers import Inbox
from tools.delivery.alertmanager import Alertmanager, wait_until
from tools.delivery.stacks import delivering, stack

PROD: Final = stack("prod")
DELIVERED_WITHIN: Final = 20
REASON: Final = "disk is being replaced; ticket 7"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Alertmanager, Inbox]]:
    with delivering(PROD, tmp_path_factory.mktemp("silences")) as both:
        yield both


def make(target: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a make target with these variables and a minimal environment."""
    program = shutil.which("make")
    assert program
    assignments = [f"{name}={value}" for name, value in variables.items()]
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CACHE_HOME") if name in os.environ}
    return subprocess.run(
        [program, "-s", "-o", ".venv/complete", target, *assignments],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_silence_has_a_reason_and_an_end_and_mutes_until_it_expires(running: tuple[Alertmanager, Inbox]) -> None:
    alertmanager, inbox = running
    silenced, other = (PROD.alert("NodeCpuHigh", {"node": node}, mark=node) for node in ("left_node", "right_node"))
    created = make(
        "silence", URL=alertmanager.address, MATCHERS='alertname=NodeCpuHigh node="left_node"', REASON=REASON, FOR="2h"
    )
    assert created.returncode == 0, created.stderr
    found = re.search(r"created silence ([0-9a-f-]{36}), ends (\S+ \S+) UTC", created.stdout)
    assert found, created.stdout
    end = datetime.fromisoformat(found[2]).replace(tzinfo=UTC)
    assert timedelta(hours=1, minutes=58) < end - datetime.now(UTC) < timedelta(hours=2)
    (silence,) = alertmanager.silences()
    assert (silence["comment"], silence["id"]) == (REASON, found[1])
    assert silence["createdBy"]

    alertmanager.post([silenced, other])
    wait_until(lambda: "right_node" in inbox.received(), DELIVERED_WITHIN)
    assert set(inbox.received()) == {"right_node"}

    listed = make("silences", URL=alertmanager.address)
    assert all(text in listed.stdout for text in (found[1], 'node="left_node"', REASON))
    assert make("expire", URL=alertmanager.address, ID=found[1]).stdout == f"silence {found[1]} expired\n"
    wait_until(lambda: "left_node" in inbox.received(), DELIVERED_WITHIN)
    assert "left_node" in inbox.received()
    assert alertmanager.silences() == []


def test_an_invalid_silence_is_rejected_with_all_problems_and_changes_nothing(
    running: tuple[Alertmanager, Inbox],
) -> None:
    rejected = make("silence", URL=running[0].address, MATCHERS="NodeCpuHigh", FOR="2h", UNTIL="2030-01-01T00:00Z")
    assert rejected.returncode != 0
    assert rejected.stdout == ""
    lines = [line for line in rejected.stderr.splitlines() if not line.startswith("make: ")]
    assert [line.split()[0].rstrip(":,") for line in lines] == ["silence", "MATCHERS", "REASON", "FOR"]
    assert running[0].silences() == []


def test_an_unreachable_alertmanager_is_one_line_of_output() -> None:
    rejected = make("silences", URL="http://127.0.0.1:1")
    lines = [line for line in rejected.stderr.splitlines() if not line.startswith("make: ")]
    assert len(lines) == 1
    assert "http://127.0.0.1:1" in lines[0]
