"""Installation of the tools: from PATH, by the Pulumi installer, or built."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from rich.console import Console

from local.tools.toolset import ModuleFile, Tool, cache_folder, on_path, set_folder, tools_for

INSTALLER_SITE: Final = "https://get.pulumi.com/releases/sdk/"
DURATIONS: Final = {
    "environment": "the first time takes about half an hour",
    "exporters": "the first time takes a few minutes",
    "node": "the first time takes a few minutes",
    "tests": "the first time takes half a minute",
    "comparison": "the first time takes a few minutes",
}
# Seconds between two progress messages of a build without a terminal.
REPORT_INTERVAL: Final = 30.0


class BuildError(Exception):
    """A tool could not be built.

    The message has the end of its log, if any, and the next step.
    """

    def __init__(self, tool: str, advice: str, log: Path | None = None) -> None:
        lines = [f"{tool} could not be built"]
        if log is not None:
            lines += [f"    {line}" for line in log.read_text(errors="replace").rstrip().splitlines()[-8:]]
            lines.append(f"  full log: {log}")
        super().__init__("\n".join([*lines, f"  next step: {advice}"]))


def ensure_tools(console: Console, purpose: str = "environment") -> Path:
    """Build the missing tools of a purpose and return the folder of the complete set.

    Safe for concurrent runs (a lock) and after an interruption (a tool appears in the cache atomically).

    Raises:
        BuildError: a build failed; the tools built before stay in the cache.
    """
    folder = set_folder(purpose)
    if folder.exists():
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
    log = cache_folder() / "logs" / f"{tool.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"{tool.name}-") as work, _atomic_folder(_build_folder(tool)) as folder:
        source = Path(work) / tool.family
        shutil.copytree(tool.source, source)
        run = _Runner(tool, source, log, title, console)
        for target, file in tool.files.items():
            _copy(run.module_path(file), source / target)
        if tool.run:
            run.go(["run", "-trimpath", "-ldflags", tool.linker_flags, *tool.run])
        if tool.vendored:
            run.go(["mod", "vendor", "-e"])  # -e: ignores missing embedded files, which are added below
            for name, text in tool.vendored.items():
                (source / "vendor" / name).parent.mkdir(parents=True, exist_ok=True)
                (source / "vendor" / name).write_text(text)
        mode = ["-mod=vendor"] if tool.vendored else []
        flags = ["-trimpath", "-ldflags", tool.linker_flags, "-tags", tool.tags]
        run.go(["build", *mode, *flags, "-o", str(folder / tool.name), tool.package])
        for target, file in tool.beside.items():
            _copy(run.module_path(file), folder / target)
    console.print(f"{title}  {time.monotonic() - started:.0f} s")


def _copy(source: Path, target: Path) -> None:
    """Copy a file or folder from the read-only module cache and make it writable."""
    for path in [source] if source.is_file() else sorted(p for p in source.rglob("*") if p.is_file()):
        to = target / path.relative_to(source) if source.is_dir() else target
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
        to.chmod(0o755 if path.stat().st_mode & 0o100 or path.read_bytes()[:2] == b"#!" else 0o644)


class _Runner:
    """Runs the Go commands of one build, logs their output and reports progress."""

    def __init__(self, tool: Tool, source: Path, log: Path, title: str, console: Console) -> None:
        self.tool, self.source, self.log, self.title, self.console = tool, source, log, title, console
        # Static, so that the same binary runs on the host and in an image.
        self.environment = os.environ | {"CGO_ENABLED": "0"}
        self.started = time.monotonic()

    def go(self, arguments: Sequence[str]) -> None:
        """Run one Go command; raise BuildError if it fails."""
        with self.log.open("a") as output:
            output.write(f"go {' '.join(arguments)}\n")
            output.flush()
            process = subprocess.Popen(
                ["go", *arguments],
                cwd=self.source,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            try:
                self._watch(process)
            finally:
                if process.poll() is None:
                    process.terminate()
                    process.wait()
        if process.returncode:
            raise BuildError(f"{self.tool.name} {self.tool.version}", _advice(self.log), self.log)

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        if self.console.is_terminal:
            with self.console.status("") as status:
                while process.poll() is None:
                    status.update(f"{self.title}  {time.monotonic() - self.started:.0f} s  log {self.log}")
                    time.sleep(0.2)
            return
        reported = time.monotonic()
        while process.poll() is None:
            time.sleep(0.2)
            if time.monotonic() - reported > REPORT_INTERVAL:
                reported = time.monotonic()
                self.console.print(f"{self.title}  building, {reported - self.started:.0f} s  log {self.log}")

    def module_path(self, file: ModuleFile) -> Path:
        """Return the path of a file in the module cache; download the module if necessary."""
        source = self.source if file.family is None else self.tool.source.parent / file.family
        result = subprocess.run(
            ["go", "mod", "download", "-json", file.module],
            cwd=source,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            self.log.write_text(result.stdout + result.stderr)
            raise BuildError(f"{self.tool.name} {self.tool.version}", _advice(self.log), self.log)
        return Path(json.loads(result.stdout)["Dir"]) / file.path


def _advice(log: Path) -> str:
    text = log.read_text(errors="replace")
    if "no space left on device" in text:
        return "free disk space (the first build needs about 12 GB) and run `make tools` again"
    if any(sign in text for sign in ("dial tcp", "Forbidden", "Not Found", "proxyconnect", "i/o timeout")):
        return "make the Go module proxy reachable (`go env GOPROXY`) and run `make tools` again"
    if "requires go >=" in text:
        return "install the required Go version (see the log) and run `make tools` again"
    return "read the log, then run `make tools` again: finished tools are not rebuilt"


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


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
        return
    try:
        os.link(source.resolve(), target)
    except OSError:  # on another file system
        shutil.copy2(source, target)
