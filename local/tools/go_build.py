"""Builds of tools with Go, with a log and progress messages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from local.tools.toolset import ModuleFile, Tool, cache_folder

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


def build_with_go(tool: Tool, folder: Path, title: str, console: Console) -> None:
    """Build a tool into a folder; the output goes to the log of the tool.

    Args:
        tool: The tool.
        folder: Folder for the binary and its additional files.
        title: Start of the progress messages.
        console: Console for the progress messages.

    Raises:
        BuildError: a Go command failed.
    """
    log = cache_folder() / "logs" / f"{tool.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    with tempfile.TemporaryDirectory(prefix=f"{tool.name}-") as work:
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
