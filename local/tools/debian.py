"""Programs from Debian packages, installed or unpacked into the tool cache."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from filelock import FileLock

from local.tools.toolset import cache_folder

# Folders of Debian programs that are not on PATH.
INSTALL_FOLDERS: Final = ("usr/lib/postgresql/*/bin", "usr/lib", "usr/sbin")
# Names of the folders with programs in a package.
PROGRAM_FOLDERS: Final = ("bin", "sbin", "cni")


class UnavailableError(Exception):
    """A program is not available on this machine; the message says why."""


def program(name: str, package: str) -> Path:
    """Return the path of a program of a package.

    Args:
        name: Name of the program, with its folder if the name is ambiguous (`cni/bridge`).
        package: Name of the package.

    Raises:
        UnavailableError: the program is neither installed nor available with apt.
    """
    folders = (sorted(Path("/").glob(pattern), reverse=True) for pattern in INSTALL_FOLDERS)
    installed = [*itertools.chain.from_iterable(folders), *map(Path, os.get_exec_path())]
    for folder in installed:
        if (folder / name).exists():
            return folder / name
    unpacked = cache_folder() / "debian" / package
    with FileLock(_ensure_folder(unpacked.parent) / f"{package}.lock"):
        if not unpacked.exists():
            _unpack(package, unpacked)
    if found := sorted(path for path in unpacked.rglob(name) if path.parent.name in PROGRAM_FOLDERS):
        return found[-1]
    raise UnavailableError(f"{name} is not in the Debian package {package}")


def library_environment(path: Path) -> dict[str, str]:
    """Return environment variables for libraries unpacked with a program."""
    root = cache_folder() / "debian"
    if not path.is_relative_to(root):
        return {}
    folders = {str(library.parent) for library in (root / path.relative_to(root).parts[0]).rglob("*.so*")}
    return {"LD_LIBRARY_PATH": os.pathsep.join(sorted(folders))}


def _unpack(package: str, target: Path) -> None:
    """Download and unpack a package and its missing dependencies."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise UnavailableError(f"{package}: not installed, and apt-get or dpkg-deb is not on PATH")
    planned = _run(package, "apt-get", "--simulate", "install", package)
    names = [line.split()[1] for line in planned.splitlines() if line.startswith("Inst ")]
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        _run(package, "apt-get", "download", *names, folder=Path(work))
        for archive in sorted(Path(work).glob("*.deb")):
            _run(package, "dpkg-deb", "--extract", str(archive), str(Path(work) / "root"))
        (Path(work) / "root").rename(target)


def _run(package: str, *command: str, folder: Path | None = None) -> str:
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    if result.returncode:
        reason = (result.stderr or result.stdout).strip().splitlines()[-1:]
        raise UnavailableError(f"{package}: not installed, and `{' '.join(command[:3])}` failed: {' '.join(reason)}")
    return result.stdout


def _ensure_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
