"""Every command of a runbook on a database or cache, executed on a real PostgreSQL and a real Redis."""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from typing import Final

import pytest

from local.demo.postgresql import PACKAGE
from local.tools.debian import library_environment, program
from tools.catalogue.commands import Command, commands
from tools.proof.databases import postgresql, redis, unavailable_databases

pytestmark = pytest.mark.slow

MISSING: Final = unavailable_databases()
HOST: Final = "127.0.0.1"


@pytest.fixture(scope="module")
def variables() -> Iterator[dict[str, dict[str, str]]]:
    """Values of the variables of commands, by program, while the servers run."""
    if MISSING:
        pytest.skip("; ".join(MISSING.values()))
    with postgresql() as port, redis() as (_, replica):
        here = {"HOST": HOST, "REPLICA": HOST, "MASTER_HOST": HOST, "USER": "postgres", "DATABASE": "postgres"}
        here["QUERYID"] = "0"
        yield {"psql": {**here, "PORT": str(port)}, "redis-cli": {**here, "PORT": str(replica)}}


def expanded(words: Sequence[str], values: dict[str, str]) -> list[str]:
    """Return the words with variables replaced; KeyError for one that a runbook does not explain."""
    return [re.sub(r"\$\{?([A-Z_]+)\}?", lambda found: values[found[1]], word) for word in words]


def failure(command: Command, values: dict[str, str], package: str) -> str | None:
    """Run a command; return its error, or None if it succeeds."""
    path = program(command.words[0], package)
    environment = {**os.environ, **library_environment(path), "PGPORT": values["PORT"]}
    arguments = expanded(command.words[1:], values)
    result = subprocess.run(
        [str(path), *arguments], env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    # The server of this test is a primary.
    if "$REPLICA" in str(command) and "recovery is not in progress" in result.stderr:
        return None
    # redis-cli exits with 0 although the server refuses a command.
    refused = re.match(r"\(error\)|ERR ", result.stdout)
    return f"{command}: {result.stderr or result.stdout}" if result.returncode or refused else None


@pytest.mark.parametrize(("name", "package"), [("psql", PACKAGE), ("redis-cli", "redis-server")])
def test_every_command_succeeds(name: str, package: str, variables: dict[str, dict[str, str]]) -> None:
    chosen = [command for command in commands() if command.words[0] == name]
    assert chosen
    assert [error for command in chosen if (error := failure(command, variables[name], package))] == []


@pytest.mark.parametrize(
    ("words", "package"),
    [
        (("psql", "host=$HOST user=$USER", "-c", "select nothing from pg_stat_activity"), PACKAGE),
        (("redis-cli", "-h", "$HOST", "-p", "$PORT", "infos"), "redis-server"),
    ],
)
def test_a_wrong_command_is_found(words: tuple[str, ...], package: str, variables: dict[str, dict[str, str]]) -> None:
    assert failure(Command("Any", words), variables[words[0]], package)
