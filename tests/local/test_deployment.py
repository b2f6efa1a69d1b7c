"""Whose lock is whose: a living engine is never disturbed, an ended one never in the way."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.deployment import lock_holder


def write_lock(path: Path, pid: int, taken: datetime) -> Path:
    path.write_text(json.dumps({"pid": pid, "username": "x", "hostname": "y", "timestamp": taken.isoformat()}))
    return path


def test_the_lock_of_a_living_process_has_a_holder(tmp_path: Path) -> None:
    assert lock_holder(write_lock(tmp_path / "lock.json", os.getpid(), datetime.now(UTC))) == os.getpid()


def test_the_lock_of_an_ended_process_has_none(tmp_path: Path) -> None:
    ended = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(ended, 0)
    assert lock_holder(write_lock(tmp_path / "lock.json", ended, datetime.now(UTC))) is None


def test_a_process_that_is_younger_than_the_lock_is_not_its_holder(tmp_path: Path) -> None:
    assert lock_holder(write_lock(tmp_path / "lock.json", os.getpid(), datetime(2020, 1, 1, tzinfo=UTC))) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"pid": "x"}'])
def test_a_damaged_lock_has_no_holder(tmp_path: Path, content: str) -> None:
    (tmp_path / "lock.json").write_text(content)
    assert lock_holder(tmp_path / "lock.json") is None
