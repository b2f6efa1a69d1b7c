"""Check of the rendered rules and of Alertmanager's configuration with promtool and amtool, where they are on PATH."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from common.problems import Problem

PROMTOOL: Final = "promtool"
AMTOOL: Final = "amtool"
_TIMEOUT_SECONDS: Final = 60
_CONFIGURATION: Final = "alertmanager.yaml"
# What amtool prints in addition to the reason.
_PROGRESS: Final = re.compile(
    r"^(Checking '[^']*'\s*)?(SUCCESS|FAILED:)?\s*|^Found:$|^- .*|^amtool: error: failed to validate.*"
)


def missing_tools() -> tuple[str, ...]:
    """Return the names of the tools that are not on PATH; their checks are left out."""
    return tuple(tool for tool in (PROMTOOL, AMTOOL) if shutil.which(tool) is None)


def rendered_problems(
    rules: Mapping[str, Mapping[str, Any]], configuration: Mapping[str, Any], templates: Mapping[str, str]
) -> list[Problem]:
    """Return what promtool refuses in the rule file of each area, and amtool in configuration and templates.

    `configuration` is Alertmanager's, `templates` the text of each template file by its name.
    """
    return [*rule_problems(rules), *_configuration_problems(configuration, templates)]


def rule_problems(rules: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Yield what promtool refuses in rule files by name."""
    files = {f"{name}.yaml": json.dumps(content) for name, content in rules.items()}
    # One problem per line that names a file; lint findings are not errors.
    for line in _errors(files, PROMTOOL, "check", "rules", "--lint=none", *files):
        file, _, reason = line.partition(":")
        if file in files:
            yield Problem(f"rendered rules {file}", reason.strip(), "rules that Prometheus loads")
        elif line.startswith(PROMTOOL):
            yield Problem("rendered rules", line, "rules that Prometheus loads")


def _configuration_problems(configuration: Mapping[str, Any], templates: Mapping[str, str]) -> Iterator[Problem]:
    local = {**configuration, "templates": [f"./{name}" for name in templates]}
    files = {**templates, _CONFIGURATION: json.dumps(local)}
    for line in _errors(files, AMTOOL, "check-config", _CONFIGURATION):
        if reason := _PROGRESS.sub("", line):
            yield Problem("rendered alertmanager.yaml", reason, "a configuration and templates that Alertmanager loads")


def _errors(files: Mapping[str, str], tool: str, *arguments: str) -> list[str]:
    """Return the lines that a tool prints about these files if it fails; none if it succeeds or is not on PATH."""
    if (path := shutil.which(tool)) is None:
        return []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
        return _output_of_failure(folder, path, tool, *arguments)


def _output_of_failure(folder: Path, path: str, tool: str, *arguments: str) -> list[str]:
    try:
        result = subprocess.run(
            [path, *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [f"{tool}: no result within {_TIMEOUT_SECONDS} s"]
    except OSError as error:
        return [f"{tool}: {error.strerror}"]
    if result.returncode == 0:
        return []
    lines = [stripped for line in (result.stdout + result.stderr).splitlines() if (stripped := line.strip())]
    return list(dict.fromkeys(lines)) or [f"{tool}: exit status {result.returncode}"]
