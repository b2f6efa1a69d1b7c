"""Processes of the demo platform, in the network of a real node."""

from __future__ import annotations

import datetime
import ipaddress
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import yaml
from cryptography import x509

from common.project import PROJECT
from local.control_plane.certificates import issue_certificate
from local.demo import postgresql, redis
from local.demo.services import NETWORK, Service, services
from local.nodes.layout import NodeLayout
from local.processes import Program

SERVICE_NAMES: Final = ("api", "worker", "webhook-dispatcher")
# In start order.
PROGRAMS: Final = (*SERVICE_NAMES, "postgresql", "redis", "website", "receivers")
READER: Final = PROJECT / "local" / "demo" / "reader.yaml"
# Validity of the certificate of the website: below the threshold of the critical alert.
WEBSITE_DAYS: Final = 5
# Connection limit of PostgreSQL; three are reserved for the superuser.
CONNECTIONS: Final = 43
RECEIVERS_DAYS: Final = 3650
PAGERDUTY_HOST: Final = "events.pagerduty.com"
_LISTENING: Final = "0A"


def programs(state: Path, layout: NodeLayout) -> Iterator[Program]:
    """Write the files of all programs to a folder and yield the programs."""
    services_by_name = services()
    for component in SERVICE_NAMES:
        service = services_by_name[component]
        addresses = [f"{address}:{service.port}" for address in service.addresses]
        yield _python(layout, component, "bais", service, component, *addresses)
    yield _postgresql(state, layout, services_by_name["postgresql"])
    (state / "redis").mkdir(exist_ok=True)
    service = services_by_name["redis"]
    arguments, environment = redis.server_command(
        state / "redis", service.address, service.port, "--protected-mode", "no", "--save", ""
    )
    yield _program(layout, "redis", arguments, _listens(layout, service), environment)
    service = services_by_name["website"]
    files = certificate(state, layout, "website", [service.host], WEBSITE_DAYS)
    yield _python(layout, "website", "website", service, service.address, str(service.port), *files)
    receivers = [each for each in services_by_name.values() if each.namespace == "receivers"]
    files = certificate(
        state, layout, "receivers", [*(each.host for each in receivers), PAGERDUTY_HOST], RECEIVERS_DAYS
    )
    web, mail = services_by_name["slack"], services_by_name["mail"]
    arguments = [str(state), web.address, str(web.port), str(mail.port), *files]
    yield _python(layout, "receivers", "receivers", mail, *arguments)


def certificate(state: Path, layout: NodeLayout, name: str, hosts: list[str], days: int) -> tuple[str, str]:
    """Return the files of a certificate and its key.

    The certificate is renewed if it expires within a day.
    """
    target = state / "certificates"
    target.mkdir(exist_ok=True)
    files = target / f"{name}.crt", target / f"{name}.key"
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    if not files[0].exists() or x509.load_pem_x509_certificate(files[0].read_bytes()).not_valid_after_utc < soon:
        issue_certificate(layout.state / "certificates", target, name, hosts, datetime.timedelta(days=days))
    return str(files[0]), str(files[1])


def run_sql(layout: NodeLayout, statement: str) -> bool:
    """Run an SQL statement as superuser and return whether it succeeded."""
    service = services()["postgresql"]
    arguments, environment = postgresql.client_command(service.address, service.port)
    result = subprocess.run(
        [*layout.nsenter("net"), *arguments, f"--command={statement}"],
        env=os.environ | environment,
        capture_output=True,
        check=False,
        timeout=30,
    )
    return result.returncode == 0


def _postgresql(state: Path, layout: NodeLayout, service: Service) -> Program:
    data = state / "postgresql"
    # Full access from the network of the node; pods need a password.
    postgresql.create_database(data, [f"host all all {NETWORK} trust", "host all all all scram-sha-256"])
    arguments, environment = postgresql.server_command(
        data, service.address, service.port, max_connections=str(CONNECTIONS)
    )
    login = yaml.safe_load(READER.read_text())["stringData"]
    preparation = (
        "CREATE EXTENSION IF NOT EXISTS pg_stat_statements; DO $$ BEGIN "
        f"IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{login['username']}') "
        f"THEN CREATE ROLE {login['username']} LOGIN PASSWORD '{login['password']}' IN ROLE pg_monitor; END IF; END $$"
    )
    # The server listens before it is ready.
    return _program(layout, "postgresql", arguments, lambda: run_sql(layout, preparation), environment)


def _python(layout: NodeLayout, name: str, module: str, service: Service, *arguments: str) -> Program:
    command = [sys.executable, "-m", f"local.demo.{module}", *arguments]
    return _program(layout, name, command, _listens(layout, service), {"PYTHONPATH": str(PROJECT)})


def _program(
    layout: NodeLayout, name: str, arguments: list[str], ready: Callable[[], bool], environment: dict[str, str]
) -> Program:
    return Program(name=name, arguments=[*layout.nsenter("net"), *arguments], environment=environment, ready=ready)


def _listens(layout: NodeLayout, service: Service) -> Callable[[], bool]:
    """Return a check for listening sockets at every address of a Service.

    It reads the socket table of the node network.
    """
    expected = {
        f"{int.from_bytes(ipaddress.ip_address(each).packed, sys.byteorder):08X}:{service.port:04X}"
        for each in service.addresses
    }

    def ready() -> bool:
        rows = map(str.split, Path(f"/proc/{layout.holder_pid()}/net/tcp").read_text().splitlines())
        return expected <= {row[1] for row in rows if row[3] == _LISTENING}

    return ready
