"""Installation of the tools: from PATH, by the Pulumi installer, or built."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from rich.console import Console

from local.tools.go_build import BuildError as BuildError
from local.tools.go_build import build_with_go
from local.tools.toolset import Tool, cache_folder, on_path, set_folder, tools_for

INSTALLER_SITE: Final = "https://get.pulumi.com/releases/sdk/"
DURATIONS: Final = {
    "environment": "the first time takes about half an hour",
    "exporters": "the first time takes a few minutes",
    "node": "the first time takes a few minutes",
    "checks": "the first time takes half a minute",
    "tests": "the first time takes half a minute",
    "comparison": "the first time takes a few minutes",
}


def ensure_tools(console: Console, purpose: str = "environment") -> Path:
    """Build the missing tools of a purpose and return the folder of the complete set.

    Safe for concurrent runs (a lock) and after an interruption (a tool appears in the cache atomically).

    Raises:
        BuildError: a build failed; the tools built before stay in the cache.
    """
    folder = set_folder(purpose)
    if folder.exists():
        _prevent_engine_logs(folder)
        return folder
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    lock = FileLock(cache / "tools.lock")
    try:
        lock.acquire(timeout=0.1)
    except Timeout:
        console.print(f"another run is building the tools; waiting for it (progress in {cache / 'logs'})")
        lock.acquire()
    try:
        if not folder.exists():
            _assemble(folder, _obtain_tools(console, purpose))
    finally:
        lock.release()
    return folder


def _obtain_tools(console: Console, purpose: str) -> list[tuple[Tool, Path]]:
    """Return each tool of a purpose with its build folder or its program on PATH."""
    tools = tools_for(purpose)
    missing = [tool for tool in tools if not _build_folder(tool).exists()]
    located = {tool.name: _build_folder(tool) for tool in tools if tool not in missing}
    for tool in list(missing):
        if path := on_path(tool):
            console.print(f"{tool.name} {tool.version}: found on PATH")
            located[tool.name] = path
            missing.remove(tool)
    pulumi = [tool for tool in missing if tool.family == "pulumi"]
    if pulumi and is_installer_reachable() and _install_pulumi(pulumi[0], console):
        located[pulumi[0].name] = _build_folder(pulumi[0])
        missing.remove(pulumi[0])
    if missing:
        _check_go()
        console.print(f"building {len(missing)} of {len(tools)} tools, once; {DURATIONS[purpose]} on two cores")
    for number, tool in enumerate(missing, start=1):
        _build(tool, f"[{number}/{len(missing)}] {tool.name} {tool.version}", console)
        located[tool.name] = _build_folder(tool)
    return [(tool, located[tool.name]) for tool in tools]


def _build_folder(tool: Tool) -> Path:
    return cache_folder() / "builds" / tool.key


def _check_go() -> None:
    if shutil.which("go") is None:
        raise BuildError("the tools", "install Go 1.26 or later and put it on PATH")


def is_installer_reachable(timeout: float = 3.0) -> bool:
    """Return whether the Pulumi site responds within `timeout` seconds."""
    try:
        with urllib.request.urlopen(urllib.request.Request(INSTALLER_SITE, method="HEAD"), timeout=timeout):
            return True
    except OSError:
        return False


def _install_pulumi(tool: Tool, console: Console) -> bool:
    """Install the engine with the Pulumi installer; return False if that fails."""
    from pulumi.automation import PulumiCommand
    from semver import VersionInfo

    with tempfile.TemporaryDirectory(prefix=f"{tool.name}-") as root:
        try:
            PulumiCommand.install(root=root, version=VersionInfo.parse(tool.version))
        except Exception as error:  # any failure: the Go build is the fallback
            console.print(f"{tool.name} {tool.version}: the Pulumi installer failed ({error}); building it instead")
            return False
        with _atomic_folder(_build_folder(tool)) as folder:
            shutil.copy2(Path(root) / "bin" / tool.name, folder / tool.name)
    console.print(f"{tool.name} {tool.version}: installed by the Pulumi installer")
    return True


@contextmanager
def _atomic_folder(target: Path) -> Iterator[Path]:
    """Yield a temporary folder that is renamed to the target on success."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".part-") as part:
        folder = Path(part) / target.name
        folder.mkdir()
        yield folder
        folder.rename(target)


def _build(tool: Tool, title: str, console: Console) -> None:
    started = time.monotonic()
    with _atomic_folder(_build_folder(tool)) as folder:
        build_with_go(tool, folder, title, console)
    console.print(f"{title}  {time.monotonic() - started:.0f} s")


def _assemble(folder: Path, located: list[tuple[Tool, Path]]) -> None:
    """Link all tools into one folder.

    The engine finds its language host and plug-ins there.
    """
    with _atomic_folder(folder) as part:
        for tool, location in located:
            entries = [location] if location.is_file() else sorted(location.iterdir())
            for entry in entries:
                _link(entry, part / "bin" / entry.name)
            if tool.plugin:
                plugin = part / "pulumi" / "plugins" / f"resource-{tool.plugin}-v{tool.version}"
                _link(part / "bin" / tool.name, plugin / tool.name)
                (part / "bin" / tool.name).unlink()  # a plug-in on PATH causes a warning in every run
        _prevent_engine_logs(part)


def _prevent_engine_logs(folder: Path) -> None:
    """Put a file in the place of the folder in which the engine logs.

    The engine writes a debug log of every run, up to 512 MB in total, which takes about half of its own CPU time. It
    has no setting for that, but continues without a log if it cannot create the folder.
    """
    logs = folder / "pulumi" / "logs"
    if logs.is_dir():
        shutil.rmtree(logs, ignore_errors=True)
    if logs.parent.exists() and not logs.exists():
        logs.touch()


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
        return
    try:
        os.link(source.resolve(), target)
    except OSError:  # on another file system
        shutil.copy2(source, target)
