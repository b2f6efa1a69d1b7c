"""Tool builds with the real Go toolchain, of a module that builds in a second."""

from __future__ import annotations

import io
import re
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from filelock import FileLock
from rich.console import Console

import local.tools.build
import local.tools.go_build
import local.tools.toolset
from local.tools.build import BuildError, ensure_tools
from local.tools.toolset import Tool, set_folder

HELLO: Final = 'package main\n\nvar version string\n\nfunc main() { println("hello " + version) }\n'


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200)


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go build cache, shared by all tests.

    The standard library is compiled once.
    """
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture
def tools(tmp_path: Path, compiled: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Replace the tool table by tools with these main files, in a cache of the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GOCACHE", str(compiled))
    monkeypatch.setattr(local.tools.toolset, "FAMILIES", tmp_path / "families")
    monkeypatch.setattr(local.tools.build, "is_installer_reachable", lambda: False)

    def replace(**sources: str) -> None:
        rows = []
        for name, source in sources.items():
            folder = tmp_path / "families" / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "go.mod").write_text(f"module tools/{name}\n\ngo 1.21\n")
            (folder / "main.go").write_text(source)
            rows.append(
                Tool(
                    name=name,
                    family=name,
                    package=".",
                    module="none",
                    version="1.2.3",
                    linker={"main.version": "{version}"},
                )
            )
        monkeypatch.setattr(local.tools.toolset, "table", lambda: tuple(rows))

    return replace


def test_a_tool_is_built_once_and_reports_its_version(tools: Callable[..., None], console: Console) -> None:
    tools(hello=HELLO)
    folder = ensure_tools(console)
    result = subprocess.run([folder / "bin" / "hello"], capture_output=True, text=True, check=True)
    assert result.stderr == "hello 1.2.3\n"
    assert re.search(r"\[1/1\] hello 1\.2\.3  \d+ s", printed(console))
    built = (folder / "bin" / "hello").stat()
    assert ensure_tools(console) == folder
    assert (folder / "bin" / "hello").stat() == built


def test_logs_of_the_engine_are_deleted_and_prevented(tools: Callable[..., None], console: Console) -> None:
    tools(hello=HELLO)
    logs = set_folder() / "pulumi" / "logs"
    logs.mkdir(parents=True)
    (logs / "old.log").write_text("old")
    ensure_tools(console)
    assert logs.is_file()
    assert logs.read_text() == ""


def test_only_missing_tools_are_built(tools: Callable[..., None], console: Console) -> None:
    tools(hello=HELLO)
    ensure_tools(console)
    tools(hello=HELLO, second=HELLO)
    ensure_tools(console)
    assert "building 1 of 2 tools" in printed(console)


def test_a_build_error_has_the_tool_the_end_of_its_log_and_the_next_step(
    tools: Callable[..., None], console: Console
) -> None:
    tools(hello=HELLO, broken="package main\n\nfunc main() { undefined() }\n")
    with pytest.raises(BuildError) as raised:
        ensure_tools(console)
    message = str(raised.value)
    assert message.startswith("broken 1.2.3 could not be built")
    assert "undefined: undefined" in message
    assert "full log: " in message
    assert "next step: " in message
    assert not set_folder().exists()


def test_after_a_failure_the_next_run_builds_only_the_remaining_tools(
    tools: Callable[..., None], console: Console
) -> None:
    tools(hello=HELLO, broken="package main\n\nfunc main() { undefined() }\n")
    with pytest.raises(BuildError):
        ensure_tools(console)
    tools(hello=HELLO, broken=HELLO)
    ensure_tools(console)
    assert "building 1 of 2 tools" in printed(console)
    assert set_folder().exists()


def test_an_interrupted_build_leaves_no_incomplete_tool(
    tools: Callable[..., None], console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools(hello=HELLO)
    with monkeypatch.context() as interrupted:
        interrupted.setattr(local.tools.go_build._Runner, "_watch", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            ensure_tools(console)
    assert list((local.tools.toolset.cache_folder() / "builds").iterdir()) == []
    assert (ensure_tools(console) / "bin" / "hello").exists()


def test_two_concurrent_runs_build_once(tools: Callable[..., None]) -> None:
    tools(hello=HELLO)
    consoles = [Console(file=io.StringIO(), width=200) for _ in range(2)]
    runs = [threading.Thread(target=ensure_tools, args=[console]) for console in consoles]
    for run in runs:
        run.start()
    for run in runs:
        run.join(timeout=60)
    assert sum("[1/1] hello" in printed(console) for console in consoles) == 1
    assert set_folder().exists()


def test_a_waiting_run_prints_that_it_waits(tools: Callable[..., None], console: Console) -> None:
    tools(hello=HELLO)
    local.tools.toolset.cache_folder().mkdir(parents=True)
    with FileLock(local.tools.toolset.cache_folder() / "tools.lock"):
        run = threading.Thread(target=ensure_tools, args=[console])
        run.start()
        run.join(timeout=1)
        assert "another run is building the tools; waiting for it" in printed(console)
    run.join(timeout=60)
    assert set_folder().exists()


def test_without_go_the_error_says_what_to_install(
    tools: Callable[..., None], console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools(hello=HELLO)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(BuildError, match=r"install Go 1\.26 or later"):
        ensure_tools(console)


def test_the_pulumi_installer_is_used_if_its_site_is_reachable(
    tools: Callable[..., None], console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The installer is a fake: tests do not access its site."""
    tools(pulumi=HELLO)
    monkeypatch.setattr(local.tools.build, "is_installer_reachable", lambda: True)
    versions = []

    class FakeInstaller:
        @staticmethod
        def install(root: str, version: object) -> None:
            versions.append(str(version))
            (Path(root) / "bin").mkdir(parents=True)
            for name in ("pulumi", "pulumi-language-python"):
                (Path(root) / "bin" / name).write_text(name)

    monkeypatch.setattr("pulumi.automation.PulumiCommand", FakeInstaller)
    folder = ensure_tools(console)
    assert versions == ["1.2.3"]
    assert [path.name for path in (folder / "bin").iterdir()] == ["pulumi"]
    assert (folder / "bin" / "pulumi").read_text() == "pulumi"


def test_the_engine_is_built_if_the_pulumi_installer_fails(
    tools: Callable[..., None], console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools(pulumi=HELLO)
    monkeypatch.setattr(local.tools.build, "is_installer_reachable", lambda: True)
    monkeypatch.setattr("pulumi.automation.PulumiCommand", None)
    folder = ensure_tools(console)
    assert "the Pulumi installer failed" in printed(console)
    assert (folder / "bin" / "pulumi").stat().st_size > 100_000
