"""The audit with the real pip-audit and a fake advisory service on loopback."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from local.processes import free_ports
from tools.supply_chain.audit import audit

LOCK: Final = "".join(f"{name}==1.0.0 \\\n    --hash=sha256:{'a' * 64}\n" for name in ("first", "second"))
ADVISORY: Final[Mapping[str, Any]] = {
    "id": "TEST-2026-1",
    "summary": "A fault.",
    "affected": [
        {
            "package": {"name": "second", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.0.1"}]}],
            "versions": ["1.0.0"],
        }
    ],
}


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    (tmp_path / "requirements.lock").write_text(LOCK)
    return tmp_path / "requirements.lock"


@contextmanager
def service(vulnerable: str | None = None) -> Iterator[str]:
    """Run a fake advisory service that knows one vulnerable package; yield its URL."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = {"vulns": [ADVISORY]} if query["package"]["name"] == vulnerable else {}
            content = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            """Suppress the log."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


def test_packages_without_advisories_are_clean(lock: Path) -> None:
    with service() as address:
        result = audit(lock, address)
    assert (result.exit_code, result.audited, result.advisories, result.unknown) == (0, 2, [], [])


def test_a_vulnerable_package_fails_the_audit(lock: Path) -> None:
    with service(vulnerable="second") as address:
        result = audit(lock, address)
    assert (result.exit_code, result.advisories) == (1, ["second: TEST-2026-1; fixed in 1.0.1"])


def test_without_an_answer_the_result_is_unknown_and_not_clean(lock: Path) -> None:
    result = audit(lock, f"http://127.0.0.1:{free_ports(1)[0]}/")
    (reason,) = result.unknown
    assert reason.startswith("no answer from the advisory service: ")
    assert (result.exit_code, result.audited) == (2, 0)
