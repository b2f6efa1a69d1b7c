"""Commands in runbooks: what the real programs accept, without running anything."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from common.project import PROJECT
from local.tools.toolset import binary
from tests.cluster.runbook_steps import Table, unused_values, variables_without_value
from tools.catalogue.commands import Command, commands, habits

pytestmark = pytest.mark.slow

COMMANDS: Final = commands()
# Programs that people have where they run the commands of a runbook.
PROGRAMS: Final = {"kubectl", "psql", "redis-cli", "curl", "openssl", "pg_isready", "kubeadm", "helm", "python", "ssh"}
FILTERS: Final = {
    "grep",
    "tail",
    "head",
    "sed",
    "sort",
    "uniq",
    "jq",
    "echo",
    "base64",
    "awk",
    "wc",
    "cut",
    "xargs",
    "date",
}


def of(program: str) -> list[Command]:
    """Return the commands of one program."""
    found = [command for command in COMMANDS if command.words[0] == program]
    assert found
    return found


def test_every_command_is_of_a_known_program() -> None:
    assert [str(command) for command in COMMANDS if command.words[0] not in PROGRAMS | FILTERS] == []


def test_no_command_shows_less_than_it_seems_to() -> None:
    assert [f"{command}: {habit}" for command in COMMANDS for habit in habits(command)] == []


def test_every_variable_has_a_value_on_the_demo_platform() -> None:
    """`tests/cluster/test_stack.py` runs the commands."""
    assert variables_without_value(Table.load()) == []


def test_every_value_of_the_demo_platform_is_needed() -> None:
    assert unused_values(Table.load()) == []


def kubectl_error(words: tuple[str, ...]) -> str:
    """Return kubectl's complaint about a command's subcommand or flags; empty if it accepts them."""
    # With `--help`, kubectl reads all flags and then prints its help instead of connecting to a cluster.
    result = subprocess.run(
        [binary("kubectl"), *words[1:], "--help"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return result.stderr.strip().splitlines()[0] if result.returncode else ""


def shape(command: Command) -> tuple[str, ...]:
    """Return a command with names replaced, so that commands with the same flags are tried once."""
    return tuple(word if not word.startswith("$") else "name" for word in command.own_words)


def test_kubectl_accepts_every_subcommand_and_flag() -> None:
    shapes = {shape(command): command for command in of("kubectl")}
    with ThreadPoolExecutor(2) as pool:
        errors = dict(zip(shapes, pool.map(kubectl_error, shapes), strict=True))
    assert [f"{shapes[each]}: {error}" for each, error in errors.items() if error] == []


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("kubectl", "-n", "a", "logs", "-l", "app=b", "--tial=1"), "unknown flag: --tial"),
        (("kubectl", "debug", "node/a", "--profil=sysadmin"), "unknown flag: --profil"),
        (("kubectl", "-n", "a", "logs", "-l", "app=b", "--since=1h"), ""),
    ],
)
def test_an_unknown_flag_is_found(words: tuple[str, ...], error: str) -> None:
    assert error in kubectl_error(words)
    assert bool(error) == bool(kubectl_error(words))


@pytest.mark.parametrize(
    ("words", "habit"),
    [
        (("kubectl", "-n", "$NAMESPACE", "logs", "-l", "app=b", "--since=1h"), "--tail"),
        (("kubectl", "debug", "node/$NODE", "-it", "--image=busybox:1.37", "--", "--profile=sysadmin"), "--profile"),
        (("kubectl", "debug", "node/$NODE", "-it", "--profile=sysadmin", "--image=busybox", "--", "df"), "tag"),
        (("kubectl", "-n", "bais", "get", "pods"), "$NAMESPACE"),
        (("curl", "-s", "http://$POD_IP:8000/metrics"), "IPv6"),
        (("kubectl", "exec", "$POD", "--", "wget", "http://10.0.0.1:8000/metrics"), "IPv6"),
    ],
)
def test_a_bad_habit_is_found(words: tuple[str, ...], habit: str) -> None:
    (found,) = habits(Command("Any", words))
    assert habit in found
