"""Check of the workflows with actionlint, and of their scripts with ShellCheck: `python -m tools.workflow_lint`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rich.console import Console

from common.project import PROJECT
from local.tools.build import BuildError, ensure_tools
from local.tools.toolset import binary


def actionlint(project: Path) -> str:
    """Return what actionlint finds in the workflows of a project; empty if they are correct.

    Raises:
        BuildError: actionlint is not installed and cannot be built.
    """
    ensure_tools(Console(stderr=True, highlight=False), "checks")
    shellcheck = Path(sys.executable).parent / "shellcheck"
    command = [str(binary("actionlint")), "-no-color", "-oneline", f"-shellcheck={shellcheck}", "-pyflakes="]
    files = sorted(str(path) for path in (project / ".github" / "workflows").glob("*.yaml"))
    result = subprocess.run([*command, *files], cwd=project, capture_output=True, text=True, check=False, timeout=120)
    return result.stdout + result.stderr


def main() -> int:
    """Print the findings; return 1 if there are any."""
    try:
        findings = actionlint(PROJECT)
    except BuildError as error:
        findings = f"{error}\n"
    print(findings, end="")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
