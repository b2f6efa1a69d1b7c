"""The synthetic platform on loopback: a page of metrics for each target, and the list of targets."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from synthetic.targets import Labels, Target
from synthetic.world import World

TARGETS = "/targets"
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


@contextlib.contextmanager
def serve(world: World, port: int = 0) -> Iterator[str]:
    """A server on loopback while the context lasts, on a free port for 0; its value is its address.

    `/targets` answers in the form of Prometheus's `http_sd_configs`. An unreachable target answers 503.
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
    """Return what a target exposes now, in Prometheus's text format."""
    lines: list[str] = []
    headed: set[str] = set()
    for series, samples in world.samples(target):
        if series.name not in headed:
            headed.add(series.name)
            lines.append(f"# TYPE {series.name} {series.kind}")
        lines += (f"{name}{_render_labels(labels)} {value!r}" for name, labels, value in samples)
    return "\n".join([*lines, ""])


def service_discovery(world: World, address: str) -> list[dict[str, object]]:
    """Return the targets as `http_sd_configs` wants them, at a host and port."""
    return [
        {"targets": [address], "labels": {**target.labels, "__metrics_path__": target.path}} for target in world.targets
    ]


def _render_labels(labels: Labels) -> str:
    # A JSON string is escaped as a label's value is.
    written = ",".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in labels.items())
    return f"{{{written}}}" if labels else ""


def _handler(world: World) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with a page, the list of targets, or the reason why not."""
            found = {target.path: target for target in world.targets}.get(self.path)
            if self.path == TARGETS:
                self._answer(200, "application/json", json.dumps(service_discovery(world, self.headers["Host"])))
            elif found is None:
                pages = "\n".join([TARGETS, *(target.path for target in world.targets), ""])
                self._answer(404, _TEXT, f"there is no {self.path}, but:\n{pages}")
            elif world.reachable(found):
                self._answer(200, _TEXT, render_page(world, found))
            else:
                self._answer(503, _TEXT, "a scenario makes this target unreachable\n")

        def log_message(self, *arguments: object) -> None:
            """Say nothing: a scrape is no news."""

        def _answer(self, status: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            with contextlib.suppress(ConnectionError):  # whoever asked may have ended meanwhile
                self.end_headers()
                self.wfile.write(body)

    return Handler
