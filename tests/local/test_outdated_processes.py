"""Processes that an earlier version of the project started are restarted by the next command."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local.control_plane import lifecycle
from local.control_plane.lifecycle import CODE, code_version, is_current
from local.nodes.programs import HOLDER
from local.processes import Program, end, running, start
from local.tools.toolset import PURPOSES


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tool of the current set, which waits."""
    monkeypatch.setattr(lifecycle, "set_folder", lambda purpose: tmp_path / purpose)
    path = tmp_path / PURPOSES[0] / "tool"
    path.parent.mkdir()
    shutil.copy2(shutil.which("sleep") or "sleep", path)
    return path


@pytest.fixture(autouse=True)
def nothing_left_behind(tmp_path: Path) -> Iterator[None]:
    yield
    end(running(tmp_path).values())


def started(state: Path, program: str, code: str) -> psutil.Process:
    return start(Program(name="tool", arguments=[program, "60"], environment={CODE: code}), state)


def test_a_current_tool_that_the_current_code_started_is_current(tool: Path, tmp_path: Path) -> None:
    assert is_current("etcd", started(tmp_path, str(tool), code_version()))


def test_a_tool_of_another_set_is_outdated(tool: Path, tmp_path: Path) -> None:
    assert not is_current("etcd", started(tmp_path, "sleep", code_version()))


def test_a_system_program_has_no_set(tool: Path, tmp_path: Path) -> None:
    assert is_current(HOLDER, started(tmp_path, "sleep", code_version()))


def test_a_process_that_earlier_code_started_is_outdated(tool: Path, tmp_path: Path) -> None:
    """Its command line may differ: other flags, other permissions, no TLS."""
    assert not is_current("etcd", started(tmp_path, str(tool), "0123456789ab"))
    assert not is_current(HOLDER, started(tmp_path, "sleep", "0123456789ab"))
