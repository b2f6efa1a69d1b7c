"""Checks of a stack before the engine starts."""

from pathlib import Path

from common.problems import Problem
from preflight.passphrase import passphrase_problems
from preflight.plan import stack_problems
from settings.loader import SettingsError
from settings.sources import from_file, read_yaml_mapping


def offline_problems(stack_file: Path, passphrase: str | None, project: Path) -> list[Problem]:
    """Return every problem of a stack file, its passphrase, charts and cluster, and of the catalogue.

    `project` is the folder with `Pulumi.yaml`; paths of charts are relative to it. A passphrase of None, which only the
    engine knows, is not checked.
    """
    try:
        configuration = from_file(stack_file, project / "Pulumi.yaml")
        salt = read_yaml_mapping(stack_file).get("encryptionsalt")
    except SettingsError as error:
        return list(error.problems)
    return [*passphrase_problems(salt, passphrase), *stack_problems(configuration, project)]
