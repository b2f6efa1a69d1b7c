"""One service of the synthetic BAIS, with one server per replica.

python -m local.demo.bais SERVICE ADDRESS:PORT ...
"""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler
from typing import Final

from local.demo.server import Server
from synthetic import targets
from synthetic.server import render_page
from synthetic.targets import Target
from synthetic.world import World

PATHS: Final = ("/health", "/metrics")


def main() -> None:
    """Serve each replica's health and metrics at its own address."""
    service, addresses = sys.argv[1], sys.argv[2:]
    replicas = tuple(target for target in targets.load() if target.kind == service)
    world = World(replicas)
    servers = []
    for target, address in zip(replicas, addresses, strict=True):
        host, _, port = address.rpartition(":")
        servers.append(Server((host, int(port)), _handler(world, target)))
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()


def _handler(world: World, target: Target) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # the blackbox exporter rejects HTTP/1.0

        def do_GET(self) -> None:
            """Send the metrics or the health status."""
            text = render_page(world, target) if self.path == "/metrics" else "well\n"
            body = text.encode()
            self.send_response(200 if self.path in PATHS else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Suppress the log of scrapes."""

    return Handler


if __name__ == "__main__":
    main()
