"""What is wrong with a stack, told before the engine starts."""

from pathlib import Path

import yaml

from components.configuration import from_file
from components.passphrase import passphrase_faults
from components.preflight import faults_of
from rules.faults import Fault


def stack_faults(stack_file: Path, passphrase: str | None, project: Path) -> list[Fault]:
    """Every fault of a stack file, its passphrase, its charts, its cluster and the catalogue; empty if all is well.

    `project` is the folder with `Pulumi.yaml`; charts are looked for relative to it.
    """
    try:
        content = yaml.safe_load(stack_file.read_text())
        configuration = from_file(stack_file, project / "Pulumi.yaml")
    except OSError:
        return [Fault(stack_file.name, "no readable file", "the configuration of the stack")]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        return [Fault(stack_file.name, f"a mistake{line}", "YAML")]
    salt = content.get("encryptionsalt") if isinstance(content, dict) else None
    return [*passphrase_faults(salt, passphrase), *faults_of(configuration, project)]
