"""Command of a real Redis from the Debian package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from local.tools.debian import library_environment, program

PACKAGE: Final = "redis-server"


def server_command(folder: Path, address: str, port: int, *options: str) -> tuple[list[str], dict[str, str]]:
    """Return the command of the server and its environment variables.

    Raises:
        UnavailableError: Redis is not available.
    """
    path = program("redis-server", PACKAGE)
    arguments = ["--bind", address, "--port", str(port), "--dir", str(folder), "--maxmemory", "64mb"]
    # Setting a process title would overwrite the environment, which has the process mark.
    arguments += ["--set-proc-title", "no"]
    return [str(path), *arguments, *options], library_environment(path)
