"""A real PostgreSQL, and a real Redis primary with a replica."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from local.demo.postgresql import PACKAGE, client_command, create_database, server_command
from local.demo.redis import server_command as redis_server
from local.processes import Program, end, free_ports, is_listening, start, wait_ready
from local.tools.debian import UnavailableError, program

# Replication slots without a consumer, of a replica, and of a subscriber; a table with reads, and statements for
# pg_stat_statements.
PREPARATION: Final = (
    "CREATE EXTENSION pg_stat_statements",
    "SELECT pg_create_physical_replication_slot('unused')",
    "SELECT pg_create_physical_replication_slot('replica')",
    "SELECT pg_create_logical_replication_slot('changes', 'pgoutput')",
    "CREATE TABLE payments AS SELECT generate_series(1, 1000) AS id",
    "SELECT count(*) FROM payments",
)


@contextlib.contextmanager
def postgresql() -> Iterator[int]:
    """Run PostgreSQL with an active session, one idle in transaction, and one that streams WAL like a replica.

    Yield its loopback port.
    """
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        data, (port,) = Path(folder) / "data", free_ports(1)
        create_database(data, [f"host {databases} all 127.0.0.1/32 trust" for databases in ("all", "replication")])
        arguments, libraries = server_command(data, "127.0.0.1", port, wal_level="logical")
        psql, environment = client_command("127.0.0.1", port)

        def execute(statements: str) -> bool:
            command = [*psql, f"--command={statements}"]
            result = subprocess.run(command, env=os.environ | environment, capture_output=True, check=False, timeout=30)
            return result.returncode == 0

        started = Program(
            name="postgresql",
            arguments=arguments,
            environment=libraries,
            ready=lambda: execute("SELECT 1"),  # it listens before it accepts statements
        )
        with _running(started):
            assert all(execute(statement) for statement in PREPARATION)
            with contextlib.ExitStack() as sessions:
                for statements in ("BEGIN; SELECT 1;\n", "SELECT pg_sleep(600);\n"):
                    session = subprocess.Popen(
                        psql, env=os.environ | environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
                    )
                    sessions.callback(_close, session)
                    assert session.stdin
                    session.stdin.write(statements)
                    session.stdin.flush()
                stream = [str(program("pg_receivewal", PACKAGE)), "--slot=replica", "--directory", folder]
                server = ["--host=127.0.0.1", f"--port={port}", "--username=postgres", "--no-password"]
                named = os.environ | environment | {"PGAPPNAME": "replica"}
                sessions.callback(_close, subprocess.Popen([*stream, *server], env=named, text=True))
                yield port


@contextlib.contextmanager
def redis() -> Iterator[tuple[int, int]]:
    """Run a Redis primary and its replica; yield their loopback ports."""
    ports = free_ports(2)
    with contextlib.ExitStack() as running:
        for port, primary in zip(ports, (None, ports[0]), strict=True):
            folder = running.enter_context(tempfile.TemporaryDirectory(prefix="redis-"))
            # The exporter reads the replica, as a cache.
            replica = ["--replicaof", "127.0.0.1", str(primary), "--maxmemory-policy", "allkeys-lru"] if primary else []
            arguments, libraries = redis_server(Path(folder), "127.0.0.1", port, *replica)
            started = Program(
                name="redis",
                arguments=arguments,
                environment=libraries,
                ready=functools.partial(is_listening, port),
            )
            running.enter_context(_running(started))
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(b"SET payment 1\r\nGET payment\r\nGET nothing\r\n")
                connection.recv(1024)
        yield ports[0], ports[1]


@functools.cache
def unavailable_databases() -> dict[str, str]:
    """Return why PostgreSQL or Redis cannot run on this machine, by exporter."""
    reasons = {}
    needed = {"postgres-exporter": ("postgres", PACKAGE), "redis-exporter": ("redis-server", "redis-server")}
    for exporter, (name, package) in needed.items():
        try:
            program(name, package)
        except UnavailableError as error:
            reasons[exporter] = str(error)
    return reasons


@contextlib.contextmanager
def _running(server: Program) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="server-") as state:
        # The user that the server runs as needs access to its working folder.
        Path(state).chmod(0o755)
        process = start(server, Path(state))
        try:
            wait_ready(server, process, Path(state))
            yield
        finally:
            # On SIGTERM PostgreSQL waits until every session has ended.
            process.send_signal(signal.SIGINT)
            end([process])


def _close(session: subprocess.Popen[str]) -> None:
    session.kill()
    if session.stdin:
        session.stdin.close()
    session.wait()
