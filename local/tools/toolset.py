"""The tools of the embedded environment: source, version and cache key of each."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

FOLDER: Final = Path(__file__).parent
FAMILIES: Final = FOLDER / "go"
TABLE: Final = FOLDER / "tools.yaml"
# The tools of one purpose are built together and linked into one folder, the set.
PURPOSES: Final = ("environment", "exporters", "node", "checks", "tests", "comparison")


@dataclass(frozen=True, kw_only=True)
class ModuleFile:
    """A file or folder inside a Go module, at the version that a family's go.mod pins."""

    module: str
    path: str
    family: str | None = None


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One row of tools.yaml; its header describes the fields."""

    name: str
    family: str
    package: str
    module: str
    version: str
    linker: Mapping[str, str] = field(default_factory=dict)
    tags: str = ""
    files: Mapping[str, ModuleFile] = field(default_factory=dict)
    run: tuple[str, ...] = ()
    vendored: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, ModuleFile] = field(default_factory=dict)
    asks: tuple[str, ...] = ()
    plugin: str | None = None
    # Does not affect the build, so it is not in the cache key.
    purpose: str = field(default="environment", repr=False)

    @property
    def source(self) -> Path:
        """Folder of the Go module in which the tool is built."""
        return FAMILIES / self.family

    @property
    def linker_flags(self) -> str:
        """Value of `go build -ldflags`: no symbol tables, and the version."""
        values = (f"-X {name}={value.format(version=self.version)}" for name, value in self.linker.items())
        return " ".join(["-s", "-w", *values])

    @functools.cached_property
    def key(self) -> str:
        """Cache key: name, version and a digest of everything that determines the build."""
        digest = hashlib.sha256(f"{platform.system()} {platform.machine()} {self!r}".encode())
        for path in sorted(self.source.rglob("*")):
            if path.is_file():
                digest.update(str(path.relative_to(self.source)).encode() + b"\0" + path.read_bytes())
        return f"{self.name}-{self.version}-{digest.hexdigest()[:10]}"


def module_version(family: str, module: str) -> str:
    """Return the version of a module in the go.mod of a family, without the `v`.

    Raises:
        ValueError: go.mod does not require the module.
    """
    text = (FAMILIES / family / "go.mod").read_text()
    if family == "pulumi-random":  # required by the nested module, which imports internals of the provider
        text += (FAMILIES / family / "shim" / "go.mod").read_text()
    match = re.search(rf"^(?:require)?\s*{re.escape(module)} v(\S+)", text, re.MULTILINE)
    if match is None:
        raise ValueError(f"{family}/go.mod does not require {module}")
    return match.group(1).removesuffix("+incompatible")


@functools.cache
def table() -> tuple[Tool, ...]:
    """Return all tools, in build order."""
    return tuple(_tool(row) for row in yaml.safe_load(TABLE.read_text()))


def _tool(row: dict[str, object]) -> Tool:
    for name in ("files", "beside"):
        if isinstance(files := row.get(name), dict):
            row[name] = {target: ModuleFile(**source) for target, source in files.items()}
    for name in ("run", "asks"):
        if isinstance(words := row.get(name), list):
            row[name] = tuple(words)
    row.setdefault("version", module_version(str(row["family"]), str(row["module"])))
    return Tool(**row)  # type: ignore[arg-type]  # wrong or missing fields raise TypeError; a test reads all rows


def cache_folder() -> Path:
    """Return the per-user folder of built tools, below XDG_CACHE_HOME."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bais-monitoring"


def on_path(tool: Tool) -> Path | None:
    """Return the path of the tool on PATH if it reports the pinned version."""
    path = shutil.which(tool.name)
    if path is None or not tool.asks:
        return None
    try:
        result = subprocess.run([path, *tool.asks], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    versions = re.findall(r"\d+\.\d+\.\d+", result.stdout + result.stderr)
    return Path(path) if tool.version in versions else None


def tools_for(purpose: str) -> tuple[Tool, ...]:
    """Return the tools of one of PURPOSES, in build order."""
    return tuple(tool for tool in table() if tool.purpose == purpose)


def set_folder(purpose: str = "environment") -> Path:
    """Return the folder of all tools of a purpose: `bin/` and `pulumi/` (PULUMI_HOME)."""
    digest = hashlib.sha256("\n".join(tool.key for tool in tools_for(purpose)).encode()).hexdigest()
    return cache_folder() / "sets" / digest[:10]


def binary(name: str) -> Path:
    """Return the path of a tool in its set; it exists after `make tools`."""
    purposes = {tool.name: tool.purpose for tool in table()}
    return set_folder(purposes.get(name, PURPOSES[0])) / "bin" / name
