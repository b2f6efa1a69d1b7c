"""One component of the synthetic BAIS, a server a replica: `python -m local.demo.bais COMPONENT ADDRESS:PORT ...`."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler

from local.demo.server import Server
from synthetic import targets
from synthetic.server import render_page
from synthetic.targets import Target
from synthetic.world import World

PATHS = ("/health", "/metrics")


def main() -> None:
    """Serve each replica's health and metrics at its own address."""
    component, addresses = sys.argv[1], sys.argv[2:]
    replicas = tuple(target for target in targets.load() if target.kind == component)
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
        protocol_version = "HTTP/1.1"  # a probe takes nothing older for well

        def do_GET(self) -> None:
            """Answer with a page of metrics, or a word."""
            text = render_page(world, target) if self.path == "/metrics" else "well\n"
            body = text.encode()
            self.send_response(200 if self.path in PATHS else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Say nothing: a scrape is no news."""

    return Handler


if __name__ == "__main__":
    main()
