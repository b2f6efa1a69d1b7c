"""A real Redis, from Debian's package: how one is started."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from local.tools.debian import library_environment, program

PACKAGE: Final = "redis-server"


def server_command(folder: Path, address: str, port: int, *options: str) -> tuple[list[str], dict[str, str]]:
    """The command that serves what it keeps in a folder, and its environment.

    Raises:
        UnavailableError: Redis is not to be had.
    """
    path = program("redis-server", PACKAGE)
    arguments = ["--bind", address, "--port", str(port), "--dir", str(folder), "--maxmemory", "64mb"]
    # A title of its own would take the place of the environment by which a process is known as ours.
    arguments += ["--set-proc-title", "no"]
    return [str(path), *arguments, *options], library_environment(path)
