"""Addresses and reachability of image registries."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from local.nodes.import_images import ImageError, import_images
from local.nodes.layout import NodeLayout
from local.nodes.registries import reachable_registries, registry_addresses
from local.processes import free_ports

HOST: Final = "registry.example"


def write_hosts(folder: Path, name: str, text: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "hosts.toml").write_text(text)


@contextmanager
def server(code: int) -> Iterator[str]:
    """Run a fake registry with a fixed status code; yield its URL."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code if self.path == "/v2/" else 500)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Suppress the log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()


def test_a_registry_without_mirrors_has_the_address_of_its_name(tmp_path: Path) -> None:
    assert registry_addresses("quay.io", tmp_path) == ["https://quay.io"]
    assert registry_addresses("docker.io", tmp_path) == ["https://registry-1.docker.io"]


@pytest.mark.parametrize("name", [HOST, "_default"])
def test_mirrors_precede_the_registry_itself(name: str, tmp_path: Path) -> None:
    write_hosts(tmp_path, name, '[host."https://mirror.example"]\n  capabilities = ["pull"]\n')
    assert registry_addresses(HOST, tmp_path) == ["https://mirror.example", f"https://{HOST}"]


def test_the_mirror_file_of_a_registry_precedes_the_default_file(tmp_path: Path) -> None:
    write_hosts(tmp_path, HOST, 'server = "https://one.example"\n')
    write_hosts(tmp_path, "_default", 'server = "https://all.example"\n')
    assert registry_addresses(HOST, tmp_path) == ["https://one.example"]


@pytest.mark.parametrize(("code", "answers"), [(200, True), (401, True), (403, False), (404, False), (502, False)])
def test_a_registry_is_reachable_with_or_without_a_required_login(code: int, answers: bool, tmp_path: Path) -> None:
    with server(code) as address:
        write_hosts(tmp_path, HOST, f'server = "{address}"\n')
        assert reachable_registries([HOST], tmp_path) == (frozenset({HOST}) if answers else frozenset())


def test_one_reachable_mirror_is_sufficient(tmp_path: Path) -> None:
    (closed,) = free_ports(1)
    with server(200) as address:
        write_hosts(tmp_path, HOST, f'server = "http://127.0.0.1:{closed}"\n[host."{address}"]\n')
        assert reachable_registries([HOST, HOST], tmp_path) == {HOST}


@pytest.mark.parametrize("address", ["http://127.0.0.1:{closed}", "no address", "ftp://127.0.0.1:{closed}"])
def test_an_unreachable_registry_is_not_an_error(address: str, tmp_path: Path) -> None:
    (closed,) = free_ports(1)
    write_hosts(tmp_path, HOST, f'server = "{address.format(closed=closed)}"\n')
    assert reachable_registries([HOST], tmp_path) == frozenset()


def test_the_error_of_an_invalid_mirror_file_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_hosts(tmp_path, "_default", "server = \n")
    layout = NodeLayout(tmp_path / "state")
    (layout.state / "certificates").mkdir(parents=True)
    (layout.state / "certificates" / "authority.crt").write_text("")
    monkeypatch.setattr("local.nodes.import_images.present_images", lambda layout: ())
    with pytest.raises(ImageError, match=r"_default/hosts\.toml: Invalid value"):
        import_images(layout, lambda _: None, tmp_path)
