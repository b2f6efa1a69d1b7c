"""pint, a linter for Prometheus rules, with the configuration of the catalogue."""

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from common.project import RULES
from local.tools.toolset import binary

CONFIGURATION: Final = RULES / "pint.hcl"


def write_rules(folder: Path, manifests: Iterable[Mapping[str, Any]]) -> Path:
    """Write the rules of each manifest to a file; return their folder."""
    rules = folder / "rules"
    rules.mkdir()
    for manifest in manifests:
        path = rules / f"{manifest['metadata']['name']}.yaml"
        path.write_text(yaml.safe_dump(manifest["spec"], sort_keys=False, width=1000))
    return rules


def lint(rules: Path, *options: str, more: str = "") -> tuple[int, str]:
    """Run pint on a folder of rules with `more` configuration.

    Return its exit status and output.
    """
    configuration = rules.parent / "pint.hcl"
    configuration.write_text(CONFIGURATION.read_text() + more)
    command = [str(binary("pint")), "--no-color", f"--config={configuration.name}", *options]
    command += ["lint", "--min-severity=info", "--fail-on=info", rules.name]
    result = subprocess.run(command, cwd=rules.parent, capture_output=True, text=True, check=False, timeout=120)
    return result.returncode, result.stdout + result.stderr
