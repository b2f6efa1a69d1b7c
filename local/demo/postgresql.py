"""Commands of a real PostgreSQL from the Debian package."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from local.tools.debian import UnavailableError, library_environment, program

PACKAGE: Final = "postgresql-15"
USER: Final = "postgres"
NOBODY_ID: Final = 65534
_SETTINGS: Final = {"unix_socket_directories": "", "shared_preload_libraries": "pg_stat_statements", "fsync": "off"}


def create_database(data: Path, access: Sequence[str]) -> None:
    """Create the data folder of a database cluster unless it exists.

    Args:
        data: The data folder.
        access: Lines of pg_hba.conf.

    Raises:
        UnavailableError: PostgreSQL, or setpriv to run it without root, is not available.
    """
    if (data / "PG_VERSION").exists():
        return
    tool = program("initdb", PACKAGE)
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    if not os.geteuid():
        os.chown(data, NOBODY_ID, NOBODY_ID)
    command = [*_unprivileged(), str(tool), f"--pgdata={data}", f"--username={USER}", "--auth=trust", "--no-sync"]
    subprocess.run(
        command, cwd="/", env=os.environ | library_environment(tool), check=True, capture_output=True, timeout=60
    )
    (data / "pg_hba.conf").write_text("".join(f"{line}\n" for line in access))


def server_command(data: Path, address: str, port: int, **settings: str) -> tuple[list[str], dict[str, str]]:
    """Return the command of the server and its environment variables."""
    path = program("postgres", PACKAGE)
    all_settings = {"listen_addresses": address, "port": str(port), **_SETTINGS, **settings}
    options = [word for name, value in all_settings.items() for word in ("-c", f"{name}={value}")]
    return [*_unprivileged(), str(path), "-D", str(data), *options], library_environment(path)


def client_command(address: str, port: int) -> tuple[list[str], dict[str, str]]:
    """Return the command of the superuser client and its environment variables."""
    path = program("psql", PACKAGE)
    arguments = [f"--host={address}", f"--port={port}", f"--username={USER}", "--no-psqlrc", "--set=ON_ERROR_STOP=1"]
    return [str(path), *arguments], library_environment(path)


def _unprivileged() -> list[str]:
    """Return a command prefix that drops root but keeps its read access.

    PostgreSQL refuses to run as root.
    """
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        raise UnavailableError(f"{PACKAGE}: does not run as root, and setpriv is not on PATH")
    capabilities = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return ["setpriv", f"--reuid={NOBODY_ID}", f"--regid={NOBODY_ID}", "--clear-groups", *capabilities, "--"]
