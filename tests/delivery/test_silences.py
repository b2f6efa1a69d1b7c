"""`make silence`, `make silences` and `make expire`, as somebody on call types them, against a real Alertmanager."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from common.project import PROJECT
from local.demo.fake_receivers import Inbox
from tools.delivery.alertmanager import Alertmanager, wait_until
from tools.delivery.stacks import delivering, stack

PROD = stack("prod")
DELIVERED_WITHIN = 20
REASON = "disk is being replaced; ticket 7"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Alertmanager, Inbox]]:
    with delivering(PROD, tmp_path_factory.mktemp("silences")) as both:
        yield both


def make(target: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a target with these variables; nothing of them comes from the environment."""
    program = shutil.which("make")
    assert program
    given = [f"{name}={value}" for name, value in variables.items()]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CACHE_HOME") if name in os.environ}
    return subprocess.run(
        [program, "-s", "-o", ".venv/complete", target, *given],
        cwd=PROJECT,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_silence_has_a_reason_and_an_end_and_holds_until_it_is_ended(running: tuple[Alertmanager, Inbox]) -> None:
    alertmanager, inbox = running
    here, elsewhere = (PROD.alert("NodeCpuHigh", {"node": node}, mark=node) for node in ("left_node", "right_node"))
    made = make(
        "silence", URL=alertmanager.address, MATCHERS='alertname=NodeCpuHigh node="left_node"', REASON=REASON, FOR="2h"
    )
    assert made.returncode == 0, made.stderr
    found = re.search(r"created silence ([0-9a-f-]{36}), ends (\S+ \S+) UTC", made.stdout)
    assert found, made.stdout
    end = datetime.fromisoformat(found[2]).replace(tzinfo=UTC)
    assert timedelta(hours=1, minutes=58) < end - datetime.now(UTC) < timedelta(hours=2)
    (silence,) = alertmanager.silences()
    assert (silence["comment"], silence["id"]) == (REASON, found[1])
    assert silence["createdBy"]

    alertmanager.post([here, elsewhere])
    wait_until(lambda: "right_node" in inbox.received(), DELIVERED_WITHIN)
    assert set(inbox.received()) == {"right_node"}

    listed = make("silences", URL=alertmanager.address)
    assert all(text in listed.stdout for text in (found[1], 'node="left_node"', REASON))
    assert make("expire", URL=alertmanager.address, ID=found[1]).stdout == f"silence {found[1]} expired\n"
    wait_until(lambda: "left_node" in inbox.received(), DELIVERED_WITHIN)
    assert "left_node" in inbox.received()
    assert alertmanager.silences() == []


def test_what_may_not_be_silenced_is_one_error_for_all_of_it_and_changes_nothing(
    running: tuple[Alertmanager, Inbox],
) -> None:
    refused = make("silence", URL=running[0].address, MATCHERS="NodeCpuHigh", FOR="2h", UNTIL="2030-01-01T00:00Z")
    assert refused.returncode != 0
    assert refused.stdout == ""
    lines = [line for line in refused.stderr.splitlines() if not line.startswith("make: ")]
    assert [line.split()[0].rstrip(":,") for line in lines] == ["silence", "MATCHERS", "REASON", "FOR"]
    assert running[0].silences() == []


def test_an_alertmanager_that_does_not_answer_is_one_line() -> None:
    refused = make("silences", URL="http://127.0.0.1:1")
    lines = [line for line in refused.stderr.splitlines() if not line.startswith("make: ")]
    assert len(lines) == 1
    assert "http://127.0.0.1:1" in lines[0]
