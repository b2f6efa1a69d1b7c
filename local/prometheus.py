"""A real Prometheus on loopback for tests and tools."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.error import HTTPError
from urllib.request import urlopen

from local.processes import Program, free_ports, run_program
from local.tools.toolset import binary

CONFIGURATION: Final = "prometheus.yaml"


@contextlib.contextmanager
def prometheus(folder: Path, *options: str, port: int | None = None, **environment: str) -> Iterator[str]:
    """Run Prometheus with configuration, data and log in a folder; yield its URL.

    Raises:
        ProcessError: Prometheus does not become ready.
    """
    host = f"127.0.0.1:{port or free_ports(1)[0]}"
    program = Program(
        name="prometheus",
        arguments=[
            str(binary("prometheus")),
            f"--config.file={CONFIGURATION}",
            "--storage.tsdb.path=data",
            f"--web.listen-address={host}",
            *options,
        ],
        environment=environment,
        ready=lambda: _ready(f"http://{host}/-/ready"),
    )
    with run_program(program, folder):
        yield f"http://{host}"


def _ready(url: str) -> bool:
    try:
        with urlopen(url, timeout=1):
            return True
    except HTTPError as error:
        return error.code == 401  # ready, but requires a login
    except OSError:
        return False
