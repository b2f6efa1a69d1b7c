"""No file of the project installs or runs a program whose version is not fixed."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from common.project import PROJECT

# What follows a command up to the end of the command.
_REST: Final = r"[^`|;&#\n]*"
# A version that a later release does not change: 1.2.3, v1.2, or a commit.
_EXACT: Final = r"v?\d+(?:\.\d+)+[\w.+-]*|[0-9a-f]{40}"
PATTERNS: Final = {
    "a downloaded script that is run at once": (
        r"\b(?:curl|wget)\b[^`;&\n]*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b|\b(?:ba|z|da)?sh\s+(?:-c\s+)?[\"']?[<$]\((?:curl|wget)\b"
    ),
    "a package of npx without a version": rf"\bnpx\s+(?!--no\b){_REST}",
    "an npm package without a version": rf"\bnpm\s+(?:install|i|exec)\s+(?:-[\w=-]+\s+)*(?=[@a-z]){_REST}",
    "a Python package without a version": rf"\bpip3?\s+install\s+{_REST}",
    "a Go program without a version": r"\bgo\s+(?:install|run|get)\s+(?:-\S+\s+)*\S+@\S+",
    # `./` is a folder of this repository.
    "a GitHub action without a version": r"\buses:\s*[\"']?(?!\./)[\w.-]+/[\w./-]+\S*",
}
# Arguments that name no package, and words of a command that are not packages.
_LOCKED: Final = re.compile(r"--require-hashes\b")
_PACKAGE_OPTIONS: Final = re.compile(r"(?:--package[= ]|-p )(\S+)")


def unpinned(line: str) -> list[str]:
    """Return what a line installs without an exact version."""
    return [kind for kind, pattern in PATTERNS.items() for found in re.findall(pattern, line) if not is_pinned(found)]


def is_pinned(command: str) -> bool:
    """Return whether every package of a command has an exact version."""
    first, *rest = command.split()
    if command.startswith("uses:"):
        return bool(re.fullmatch(rf"\S+@(?:{_EXACT}|v\d+)", command.split()[-1].strip("\"'")))
    if first == "go":
        return bool(re.fullmatch(rf"\S+@(?:{_EXACT})", rest[-1]))
    if first.startswith("pip"):
        packages = [word for word in rest[1:] if not word.startswith("-")]
        return bool(_LOCKED.search(command)) or all(re.search(rf"==(?:{_EXACT})", word) for word in packages)
    if first == "npx" or rest[:1] == ["exec"]:
        named = _PACKAGE_OPTIONS.findall(command) or [word for word in rest if word[0] not in "-"][:1]
        return bool(named) and all(re.fullmatch(rf"\S+@(?:{_EXACT})", word) for word in named)
    if first == "npm":
        packages = [word for word in rest[1:] if not word.startswith("-")]
        return all(re.fullmatch(rf"\S+@(?:{_EXACT})", word) for word in packages)
    return False


def text_lines() -> Iterator[tuple[str, str, str]]:
    """Yield file, number and text of each line that could install something, except in this file and in lock files."""
    excluded = [":!*.sum", ":!*.lock", ":!*/package-lock.json", f":!tests/{Path(__file__).name}"]
    command = [
        "git",
        "grep",
        "-I",
        "-n",
        "-z",
        "-E",
        r"curl|wget|\bnpx\b|\bnpm\b|\bpip|\bgo (install|run|get)|uses:",
        "--",
        ".",
    ]
    found = subprocess.run([*command, *excluded], cwd=PROJECT, capture_output=True, text=True, check=True)
    for line in found.stdout.splitlines():
        name, number, text = line.split("\0", 2)
        yield name, number, text


def test_everything_that_the_project_installs_has_an_exact_version() -> None:
    offenders = [f"{file}:{number}: {kind}" for file, number, line in text_lines() for kind in unpinned(line)]
    assert offenders == []


@pytest.mark.parametrize(
    "line",
    [
        "curl -fsSL https://get.example.com | sh",
        "wget -qO- https://example.com/install.sh | sudo bash -s -- --yes",
        "bash <(curl -s https://example.com/install.sh)",
        'sh -c "$(curl -fsSL https://example.com)"',
        "npx prettier --check .",
        "npx --package renovate -- renovate-config-validator",
        "npm exec prettier@latest",
        "npm install esbuild",
        "pip install -q requests",
        "pip install 'requests>=2'",
        "go install golang.org/x/vuln/cmd/govulncheck@latest",
        "go run example.com/tool@main ./...",
        "      - uses: actions/checkout@main",
        "      - uses: actions/checkout",
    ],
)
def test_a_version_that_is_not_fixed_is_found(line: str) -> None:
    assert len(unpinned(line)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "curl -s http://127.0.0.1:8000/metrics | grep -c '^http_'",
        "npx --package renovate@42.1.0 -- renovate-config-validator --strict renovate.json5",
        "`npm install --ignore-scripts` in `tools/pictures/`",
        "npm ci --ignore-scripts",
        "pip install --quiet --require-hashes -r requirements.lock",
        "pip install requests==2.34.2",
        "go install golang.org/x/vuln/cmd/govulncheck@v1.1.4",
        "uses: actions/checkout@v6.0.1",
        "uses: ./.github/actions/setup",
        "uses: actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8 # v6.0.1",
    ],
)
def test_an_exact_version_or_none_to_install_is_accepted(line: str) -> None:
    assert unpinned(line) == []
