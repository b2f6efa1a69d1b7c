"""What is wrong with a stack, told before the engine starts."""

from pathlib import Path

from common.problems import Problem
from preflight.passphrase import passphrase_problems
from preflight.plan import find_problems
from settings.loader import SettingsError
from settings.sources import content_of, from_file


def find_offline_problems(stack_file: Path, passphrase: str | None, project: Path) -> list[Problem]:
    """Every problem of a stack file, its passphrase, its charts, its cluster and the catalogue; empty if all is well.

    `project` is the folder with `Pulumi.yaml`; charts are looked for relative to it. A passphrase of None is one that
    only the engine knows, and is not checked.
    """
    try:
        configuration = from_file(stack_file, project / "Pulumi.yaml")
        salt = content_of(stack_file).get("encryptionsalt")
    except SettingsError as error:
        return list(error.problems)
    return [*passphrase_problems(salt, passphrase), *find_problems(configuration, project)]
