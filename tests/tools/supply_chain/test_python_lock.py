"""The lock file of the Python packages, and what pip installs with the options of the Makefile."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from common.project import PROJECT
from tools.supply_chain.python_lock import UNLOCKED, check_lock, lock_problems, locked_packages

HASH: Final = f"--hash=sha256:{'a' * 64}"
REQUIREMENTS: Final = {
    "requirements.txt": "# Reasons.\nPyYAML==6.0.3\n",
    "requirements-dev.txt": "-r requirements.txt\n",
}


def test_every_requirement_is_locked_with_hashes() -> None:
    assert check_lock() == []


def test_every_dependency_of_a_locked_package_is_locked() -> None:
    locked = locked_packages((PROJECT / "requirements.lock").read_text())
    missing = [
        f"{package} requires {requirement.name}"
        for package in locked
        for text in importlib.metadata.requires(package) or ()
        if (requirement := Requirement(text)).marker is None or requirement.marker.evaluate({"extra": ""})
        if canonicalize_name(requirement.name) not in {*locked, *UNLOCKED}
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("lock", "expected"),
    [
        (f"pyyaml==6.0.3 \\\n    {HASH} \\\n    {HASH}\n", []),
        ("pyyaml==6.0.3\n", ["requirements.lock: pyyaml: found no hash; "]),
        (f"pyyaml==6.0.2 {HASH}\n", ["requirements.txt: PyYAML: found 6.0.2 in requirements.lock; allowed: 6.0.3"]),
        (f"attrs==1.0 {HASH}\n", ["requirements.txt: PyYAML: found no entry in requirements.lock; allowed: 6.0.3"]),
        (f"pyyaml>=6 {HASH}\n", ["requirements.lock: found pyyaml>=6 ", "requirements.txt: PyYAML: found no entry"]),
        (f"--index-url https://mirror.example\npyyaml==6.0.3 {HASH}\n", ["requirements.lock: found --index-url "]),
        (f"pyyaml==6.0.3 {HASH[:-1]}\n", ["requirements.lock: found pyyaml==6.0.3 ", "requirements.txt: PyYAML: "]),
    ],
)
def test_each_problem_of_a_lock_is_found(lock: str, expected: list[str]) -> None:
    found = [str(problem) for problem in lock_problems(lock, REQUIREMENTS)]
    assert len(found) == len(expected)
    assert all(line.startswith(start) for line, start in zip(found, expected, strict=True))


def test_a_requirement_without_an_exact_version_is_a_problem() -> None:
    (problem,) = lock_problems("", {"requirements.txt": "attrs>=2\n"})
    assert str(problem) == "requirements.txt: attrs>=2: found no exact version; allowed: NAME==VERSION"


def write_wheel(folder: Path) -> str:
    """Write the wheel of a package without code and return its SHA-256."""
    info = "example-1.0.dist-info"
    files = {
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: example\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b'=').decode()},\n"
        for name, content in files.items()
    )
    path = folder / "example-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (*files.items(), (f"{info}/RECORD", record.encode())):
            archive.writestr(name, content)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_pip_refuses_a_file_with_another_hash_and_a_package_without_one(tmp_path: Path) -> None:
    (options,) = re.findall(r"install (--quiet .+) -r$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    digest = write_wheel(tmp_path)

    def install(entry: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "lock").write_text(f"{entry}\n")
        offline = ["--no-index", "--find-links", str(tmp_path), "--target", str(tmp_path / "installed")]
        command = [sys.executable, "-m", "pip", "install", *options.split(), *offline, "-r", str(tmp_path / "lock")]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    changed, without = install(f"example==1.0 --hash=sha256:{'0' * 64}"), install("example==1.0")
    assert "DO NOT MATCH THE HASHES" in changed.stderr
    assert "Hashes are required in --require-hashes mode" in without.stderr
    assert changed.returncode != 0
    assert without.returncode != 0
    assert not (tmp_path / "installed").exists()
    assert install(f"example==1.0 --hash=sha256:{digest}").returncode == 0
    assert (tmp_path / "installed" / "example-1.0.dist-info").is_dir()
