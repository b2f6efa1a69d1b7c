"""HTTP server of the synthetic platform."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from synthetic.targets import Labels, Target
from synthetic.world import World

TARGETS: Final = "/targets"
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"


@contextlib.contextmanager
def serve(world: World, port: int = 0) -> Iterator[str]:
    """Serve the platform on loopback and yield the address.

    Port 0 selects a free port.

    `/targets` returns the targets in the format of `http_sd_configs`. An unreachable target returns status 503.
    """
    with ThreadingHTTPServer(("127.0.0.1", port), _handler(world)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def render_page(world: World, target: Target) -> str:
    """Return the metrics page of a target in the Prometheus text format."""
    lines: list[str] = []
    headed: set[str] = set()
    for series, samples in world.samples(target):
        if series.name not in headed:
            headed.add(series.name)
            lines.append(f"# TYPE {series.name} {series.kind}")
        lines += (f"{name}{_render_labels(labels)} {value!r}" for name, labels, value in samples)
    return "\n".join([*lines, ""])


def service_discovery(world: World, address: str) -> list[dict[str, object]]:
    """Return the targets in the format of `http_sd_configs`.

    `address` is host and port.
    """
    return [
        {"targets": [address], "labels": {**target.labels, "__metrics_path__": target.path}}
        for target in world.targets
        if world.exists(target)
    ]


def _render_labels(labels: Labels) -> str:
    # JSON strings and label values have the same escaping rules.
    pairs = ",".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in labels.items())
    return f"{{{pairs}}}" if labels else ""


def _handler(world: World) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Send a metrics page, the list of targets or an error."""
            found = {target.path: target for target in world.targets}.get(self.path)
            if self.path == TARGETS:
                self._answer(200, "application/json", json.dumps(service_discovery(world, self.headers["Host"])))
            elif found is None:
                pages = "\n".join([TARGETS, *(target.path for target in world.targets), ""])
                self._answer(404, _TEXT, f"{self.path} does not exist; available:\n{pages}")
            elif world.reachable(found):
                self._answer(200, _TEXT, render_page(world, found))
            else:
                self._answer(503, _TEXT, "this target is unreachable in the current scenario\n")

        def log_message(self, *arguments: object) -> None:
            """Do not log requests."""

        def _answer(self, status: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            with contextlib.suppress(ConnectionError):  # the client may have disconnected
                self.end_headers()
                self.wfile.write(body)

    return Handler
