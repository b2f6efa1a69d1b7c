"""A real PostgreSQL and two real Redis, a primary and its replica, that have something to report."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from local.debian import UnavailableError, libraries, program
from local.processes import Program, end, free_ports, listening, start, wait_ready

NOBODY: Final = 65534

# A slot that nobody uses, a table that is read, and statements that the extension counts.
PREPARATION: Final = (
    "CREATE EXTENSION pg_stat_statements",
    "SELECT pg_create_physical_replication_slot('unused')",
    "CREATE TABLE payments AS SELECT generate_series(1, 1000) AS id",
    "SELECT count(*) FROM payments",
)


@contextlib.contextmanager
def postgresql() -> Iterator[int]:
    """PostgreSQL on the loopback port that is the value, with one session at work and one idle in its transaction."""
    server, tool, client = (program(name, "postgresql-15") for name in ("postgres", "initdb", "psql"))
    prefix = _unprivileged()
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        state = Path(folder)
        if prefix:
            os.chown(state, NOBODY, NOBODY)
        command = [*prefix, str(tool), "--pgdata", f"{state}/data", "--username=postgres", "--auth=trust", "--no-sync"]
        subprocess.run(
            command, cwd=state, env=os.environ | libraries(tool), check=True, capture_output=True, timeout=60
        )
        (port,) = free_ports(1)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(state),
            "shared_preload_libraries": "pg_stat_statements",
            "fsync": "off",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        arguments = [*prefix, str(server), "-D", f"{state}/data", *options]
        ask = [str(client), "--host=127.0.0.1", f"--port={port}", "--username=postgres", "--no-psqlrc"]
        environment = os.environ | libraries(client)

        def said(statements: str) -> bool:
            command = [*ask, "--set=ON_ERROR_STOP=1", f"--command={statements}"]
            return not subprocess.run(command, env=environment, capture_output=True, check=False, timeout=30).returncode

        started = Program(
            name="postgresql",
            arguments=arguments,
            environment=libraries(server),
            ready=lambda: said("SELECT 1"),  # it listens before it is ready
        )
        with _running(started):
            assert all(said(statement) for statement in PREPARATION)
            with contextlib.ExitStack() as sessions:
                for statements in ("BEGIN; SELECT 1;\n", "SELECT pg_sleep(600);\n"):
                    session = subprocess.Popen(
                        ask, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
                    )
                    sessions.callback(_close, session)
                    assert session.stdin
                    session.stdin.write(statements)
                    session.stdin.flush()
                yield port


@contextlib.contextmanager
def redis() -> Iterator[tuple[int, int]]:
    """Two Redis on the loopback ports that are the value: a primary, and its replica."""
    server = program("redis-server", "redis-server")
    ports = free_ports(2)
    with contextlib.ExitStack() as running:
        for port, primary in zip(ports, (None, ports[0]), strict=True):
            folder = running.enter_context(tempfile.TemporaryDirectory(prefix="redis-"))
            replica = ["--replicaof", "127.0.0.1", str(primary)] if primary else []
            options = ["--bind", "127.0.0.1", "--port", str(port), "--dir", folder, "--maxmemory", "64mb", *replica]
            started = Program(
                name="redis",
                arguments=[str(server), *options],
                environment=libraries(server),
                ready=functools.partial(listening, port),
            )
            running.enter_context(_running(started))
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(b"SET payment 1\r\nGET payment\r\nGET nothing\r\n")
                connection.recv(1024)
        yield ports[0], ports[1]


@functools.cache
def missing() -> dict[str, str]:
    """Why PostgreSQL or Redis cannot be run here, by exporter; nothing where both can."""
    found = {}
    needed = {"postgres-exporter": ("postgres", "postgresql-15"), "redis-exporter": ("redis-server", "redis-server")}
    for exporter, (name, package) in needed.items():
        try:
            program(name, package)
        except UnavailableError as error:
            found[exporter] = str(error)
    return found


def _unprivileged() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        raise UnavailableError("postgresql-15: refuses to run as root, and this machine has no setpriv")
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


@contextlib.contextmanager
def _running(server: Program) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="server-") as state:
        # What it runs as has to reach its working folder.
        Path(state).chmod(0o755)
        process = start(server, Path(state))
        try:
            wait_ready(server, process, Path(state))
            yield
        finally:
            # PostgreSQL waits for the end of every session if it is only asked to end.
            process.send_signal(signal.SIGINT)
            end([process])


def _close(session: subprocess.Popen[str]) -> None:
    session.kill()
    if session.stdin:
        session.stdin.close()
    session.wait()
