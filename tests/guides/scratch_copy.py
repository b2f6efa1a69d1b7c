"""A copy of the project in which a test follows a guide."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from common.project import PROJECT

_STEPS: Final = re.compile(r"^1\. .*", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"`([^`\s]+)`")
_PATH: Final = re.compile(r"[\w./<>*-]*[./][\w./<>*-]*")
_PLACEHOLDER: Final = re.compile(r"<(\w+)>")

# Prints the resources that the program registers for a stack, as JSON.
_PROGRAM: Final = """
import json, sys
from tools.mocked_program import configuration, run_program
from tools.stubbed_cluster import stubbed_cluster

with stubbed_cluster():
    done = run_program(configuration(sys.argv[1], "upstream"))
print(json.dumps([{"type": each.type, "name": each.name, "inputs": each.inputs} for each in done.resources]))
"""


@dataclass(frozen=True)
class ScratchCopy:
    """A copy of the project's files in `folder`; its Git index holds the files as they were copied."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> "ScratchCopy":
        """Copy all files of the project that Git does not ignore."""
        for name in _git(PROJECT, "ls-files", "--cached", "--others", "--exclude-standard"):
            if (PROJECT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(PROJECT / name, folder / name)
        _git(folder, "init", "--quiet")
        _git(folder, "add", "--all")
        return cls(folder)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python with these arguments in the copy."""
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(self.folder)}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder, capture_output=True, text=True, check=False, env=environment,
        )  # fmt: skip

    def run_ok(self, *arguments: str) -> str:
        """Run Python with these arguments, which must succeed; return its output."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def failed_tests(self, *arguments: str) -> tuple[set[str], str]:
        """Run pytest; return the tests that fail or have errors, and the output."""
        done = self.run("-m", "pytest", "-vv", "--tb=short", "-p", "no:cacheprovider", *arguments)
        # 0: all pass; 1: tests fail. Anything else means that nothing was tested.
        assert done.returncode in (0, 1), done.stdout + done.stderr
        lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
        failed = {line.partition(" ")[2].partition(" - ")[0] for line in lines}
        assert bool(failed) == bool(done.returncode), done.stdout
        return failed, done.stdout

    def generate(self) -> None:
        """Run the modules that `make generate` runs."""
        recipe = self.read("Makefile").partition("\ngenerate:")[2].partition("\n\n")[0]
        modules = re.findall(r"-m (\S+)", recipe)
        assert modules
        for module in modules:
            self.run_ok("-m", module)

    def deployed(self, stack: str) -> dict[tuple[str, str], Any]:
        """Return the inputs of a stack's resources by type and logical name."""
        return {(each["type"], each["name"]): each["inputs"] for each in json.loads(self.run_ok("-c", _PROGRAM, stack))}

    def read(self, name: str) -> str:
        """Return the text of a file."""
        return (self.folder / name).read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace a text that a file contains exactly once."""
        text = self.read(name)
        assert text.count(old) == 1, f"{name} contains {text.count(old)} times: {old}"
        self.write(name, text.replace(old, new))

    def insert_after(self, name: str, anchor: str, new: str) -> None:
        """Insert a text after an anchor that occurs exactly once."""
        self.replace(name, anchor, anchor + new)

    def changed_files(self) -> list[str]:
        """Return the files that were added, changed or removed, sorted.

        Without files that Git ignores.
        """
        return sorted({*_git(self.folder, "ls-files", "--modified", "--deleted", "--others", "--exclude-standard")})

    def restore(self, name: str) -> None:
        """Undo all changes of a file."""
        _git(self.folder, "checkout", "--quiet", "--", name)

    def unnamed_changes(self, guide: str, **values: str) -> list[str]:
        """Return the changed files that the steps of a guide do not name."""
        patterns = named_in((PROJECT / "docs" / "guides" / guide).read_text(encoding="utf-8"), values)
        return [name for name in self.changed_files() if not any(re.fullmatch(each, name) for each in patterns)]


def named_in(guide: str, values: Mapping[str, str]) -> set[str]:
    """Return a regular expression per path in code in the steps of a guide.

    A placeholder such as `<area>` has its value of `values`, or is any part of a path, as is `*`. A folder stands for
    all files in it only if its name contains a placeholder; any other is just mentioned.
    """
    steps = _STEPS.search(guide)
    assert steps, "the guide has no step 1"
    return {_pattern(path, values) for path in _CODE.findall(steps[0]) if _PATH.fullmatch(path)}


def _pattern(path: str, values: Mapping[str, str]) -> str:
    filled = _PLACEHOLDER.sub(lambda found: values.get(found[1], "*"), path)
    pattern = re.escape(filled).replace(r"\*", "[^/]+")
    return pattern + ".+" if path.endswith("/") and _PLACEHOLDER.search(path) else pattern


def _git(folder: Path, *arguments: str) -> list[str]:
    """Run Git in a folder and return the lines of its output."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()
