import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

from components.cluster import cluster_faults


class _ApiServer(BaseHTTPRequestHandler):
    """A stand-in for an API server: it knows the version, and one token."""

    def do_GET(self) -> None:
        known = self.headers["Authorization"] == "Bearer known"
        self.send_response(200 if known and self.path == "/version" else 401)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _ApiServer) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.fixture
def closed_port(server: str) -> str:
    """An address on which nothing listens: a port that was free a moment ago."""
    with HTTPServer(("127.0.0.1", 0), _ApiServer) as running:
        return f"http://127.0.0.1:{running.server_port}"


def write_kubeconfig(file: Path, address: str, token: str = "known", context: str = "bais") -> Path:
    file.write_text(
        yaml.safe_dump(
            {
                "current-context": context,
                "clusters": [{"name": "c", "cluster": {"server": address}}],
                "users": [{"name": "u", "user": {"token": token}}],
                "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
            }
        )
    )
    return file


def test_a_cluster_that_answers_is_no_fault(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(write_kubeconfig(tmp_path / "kubeconfig", server)))
    assert cluster_faults("bais") == []
    assert cluster_faults(None) == []


def test_the_context_is_looked_for_in_every_kubeconfig(
    server: str, closed_port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write_kubeconfig(tmp_path / "first", closed_port, context="other")
    second = write_kubeconfig(tmp_path / "second", server)
    monkeypatch.setenv("KUBECONFIG", f"{first}:{tmp_path / 'missing'}:{second}")
    assert cluster_faults("bais") == []


def test_a_closed_port_is_a_fault(closed_port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(write_kubeconfig(tmp_path / "kubeconfig", closed_port)))
    (fault,) = cluster_faults("bais")
    assert fault.key == "monitoring:cluster.context"
    assert fault.found == f"no answer from {closed_port} (ConnectError)"
    assert fault.allowed == "a cluster that answers within 5 s"


def test_an_unknown_context_is_a_fault_that_names_the_known_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(write_kubeconfig(tmp_path / "kubeconfig", "http://127.0.0.1:1")))
    (fault,) = cluster_faults("prod")
    assert (fault.key, fault.found) == ("monitoring:cluster.context", "prod")
    assert fault.allowed == "a context of the kubeconfig: bais"


def test_a_stranger_is_a_fault(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(write_kubeconfig(tmp_path / "kubeconfig", server, token="unknown")))
    (fault,) = cluster_faults("bais")
    assert fault.found == f"HTTP status 401 from {server}"


def test_no_kubeconfig_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "missing"))
    (fault,) = cluster_faults("bais")
    assert (fault.key, fault.found) == ("KUBECONFIG", "no such file")


@pytest.mark.parametrize(
    "text", ["", "{", "contexts: 3", "clusters: []\ncontexts: [{name: bais, context: {cluster: c}}]"]
)
def test_a_broken_kubeconfig_is_a_fault(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kubeconfig").write_text(text)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    (fault,) = cluster_faults("bais")
    assert (fault.key, fault.allowed) == ("KUBECONFIG", "a valid kubeconfig")
