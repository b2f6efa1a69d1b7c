"""The ports of a real etcd, which accept only TLS with a client certificate."""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from local.control_plane.certificates import ensure_certificates
from local.control_plane.programs import PORTS, control_plane_programs
from local.processes import free_ports, run_program


@pytest.fixture(scope="module")
def etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, int]]]:
    """The folder and ports of a running etcd of a control plane."""
    state = tmp_path_factory.mktemp("etcd")
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    ensure_certificates(state / "certificates")
    with run_program(next(control_plane_programs(state, ports)), state):
        yield state, ports


def version(address: str, certificates: Path, client: str | None) -> int:
    """Request the version with a certificate, or without one; return the status code."""
    context = ssl.create_default_context(cafile=certificates / "authority.crt")
    if client:
        context.load_cert_chain(certificates / f"{client}.crt", certificates / f"{client}.key")
    handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    with urllib.request.build_opener(*handlers).open(f"{address}/version", timeout=5) as response:
        status: int = response.status
        return status


# Client certificates that each port accepts.
ACCEPTED: Final = {"etcd": {"client", "server", "peer"}, "etcd-peer": {"peer"}}


@pytest.mark.parametrize("client", [None, "client", "server", "peer"])
@pytest.mark.parametrize("port", sorted(ACCEPTED))
def test_a_port_accepts_only_its_client_certificates(
    etcd: tuple[Path, dict[str, int]], port: str, client: str | None
) -> None:
    state, ports = etcd
    address = f"https://127.0.0.1:{ports[port]}"
    if client in ACCEPTED[port]:
        assert version(address, state / "certificates", client) == 200
    else:
        with pytest.raises(OSError, match=r"SSL|certificate|reset|closed"):
            version(address, state / "certificates", client)


@pytest.mark.parametrize("port", sorted(ACCEPTED))
def test_a_plain_connection_is_refused(etcd: tuple[Path, dict[str, int]], port: str) -> None:
    state, ports = etcd
    with pytest.raises(OSError, match=r"400|reset|closed"):
        version(f"http://127.0.0.1:{ports[port]}", state / "certificates", None)


def test_an_environment_without_a_peer_certificate_gets_one_of_its_ca(tmp_path: Path) -> None:
    ensure_certificates(tmp_path)
    authority = (tmp_path / "authority.crt").read_bytes()
    (tmp_path / "peer.crt").unlink()
    ensure_certificates(tmp_path)
    assert (tmp_path / "peer.crt").exists()
    assert (tmp_path / "authority.crt").read_bytes() == authority
