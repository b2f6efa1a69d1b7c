"""The lock file of the Python packages: one exact version with hashes per package."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from packaging.utils import canonicalize_name

from common.problems import Problem
from common.project import PROJECT

LOCK: Final = PROJECT / "requirements.lock"
REQUIREMENTS: Final = tuple(PROJECT / name for name in ("requirements.txt", "requirements-dev.txt"))
# Every virtual environment has its own pip; a lock with pip would replace it while it runs.
UNLOCKED: Final = ("pip",)
# The file names no package index, so that each machine uses the index of its own pip configuration.
_OPTIONS: Final = (
    *("--generate-hashes", "--strip-extras", "--unsafe-package=pip", "--no-header", "--no-annotate"),
    *("--no-emit-options", "--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links"),
)
_ENTRY: Final = re.compile(r"([A-Za-z0-9][\w.-]*)==([\w.+!]+)((?:[\s\\]+--hash=sha256:[0-9a-f]{64})*)")


class LockError(Exception):
    """The lock file cannot be renewed; the message is the output of pip-compile."""


@dataclass(frozen=True, kw_only=True)
class LockedPackage:
    """A package of the lock file.

    Attributes:
        name: Normalised name.
        version: Exact version.
        hashes: SHA-256 of each file of that version, in hexadecimal.
    """

    name: str
    version: str
    hashes: tuple[str, ...]


def locked_packages(text: str) -> dict[str, LockedPackage]:
    """Return the packages of a lock file by name; lines that are not entries are left out."""
    packages: dict[str, LockedPackage] = {}
    for entry in _entries(text):
        if match := _ENTRY.fullmatch(entry):
            name, version, hashes = match.groups()
            digests = tuple(re.findall(r"sha256:(\w+)", hashes))
            packages[canonicalize_name(name)] = LockedPackage(
                name=canonicalize_name(name), version=version, hashes=digests
            )
    return packages


def lock_problems(lock: str, requirements: Mapping[str, str]) -> list[Problem]:
    """Return every problem of a lock file, given the text of each requirements file by name."""
    packages = locked_packages(lock)
    problems = [
        Problem("requirements.lock", entry.split("\n")[0], "NAME==VERSION with hashes, and no options")
        for entry in _entries(lock)
        if not _ENTRY.fullmatch(entry)
    ]
    problems += [
        Problem(f"requirements.lock: {package.name}", "no hash", "the hash of each of its files; run `make lock`")
        for package in packages.values()
        if not package.hashes
    ]
    for file, text in requirements.items():
        for line in filter(_is_requirement, text.splitlines()):
            name, separator, version = line.partition("==")
            if not separator:
                problems.append(Problem(f"{file}: {line}", "no exact version", "NAME==VERSION"))
                continue
            locked = packages.get(canonicalize_name(name))
            if locked is None or locked.version != version:
                found = f"{locked.version} in requirements.lock" if locked else "no entry in requirements.lock"
                problems.append(Problem(f"{file}: {name}", found, f"{version}; run `make lock`"))
    return problems


def renew() -> None:
    """Write the lock file: new requirements are resolved, and all other packages keep their version.

    Raises:
        LockError: a package or one of its files is not in the package index.
    """
    command = [sys.executable, "-m", "piptools", "compile", "--quiet", *_OPTIONS]
    command += [f"--output-file={LOCK.name}", REQUIREMENTS[-1].name]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if result.returncode:
        raise LockError(result.stderr.strip() or f"pip-compile exited with code {result.returncode}")
    LOCK.write_text("".join(f"{entry}\n" for entry in _entries(LOCK.read_text())))


def read_requirements() -> dict[str, str]:
    """Return the text of each requirements file by name."""
    return {path.name: path.read_text() for path in REQUIREMENTS}


def check_lock() -> list[Problem]:
    """Return the problems of the project's lock file."""
    return lock_problems(LOCK.read_text(), read_requirements())


def _entries(text: str) -> Iterator[str]:
    """Yield each entry with its indented lines, without comments."""
    lines = "".join(f"{line}\n" for line in text.splitlines() if not line.startswith("#") and line.strip())
    for entry in re.split(r"^(?=\S)", lines, flags=re.MULTILINE):
        if entry.strip():
            yield entry.rstrip("\n")


def _is_requirement(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("#", "-r "))
