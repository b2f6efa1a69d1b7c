"""What is wrong with a stack, told before the engine starts."""

from pathlib import Path

from common.problems import Fault
from preflight.passphrase import passphrase_faults
from preflight.plan import faults_of
from settings.loader import SettingsError
from settings.sources import content_of, from_file


def stack_faults(stack_file: Path, passphrase: str | None, project: Path) -> list[Fault]:
    """Every fault of a stack file, its passphrase, its charts, its cluster and the catalogue; empty if all is well.

    `project` is the folder with `Pulumi.yaml`; charts are looked for relative to it. A passphrase of None is one that
    only the engine knows, and is not checked.
    """
    try:
        configuration = from_file(stack_file, project / "Pulumi.yaml")
        salt = content_of(stack_file).get("encryptionsalt")
    except SettingsError as error:
        return list(error.faults)
    return [*passphrase_faults(salt, passphrase), *faults_of(configuration, project)]
