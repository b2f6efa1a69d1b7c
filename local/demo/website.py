"""A website whose certificate expires soon.

python -m local.demo.website ADDRESS PORT CERTIFICATE KEY
"""

from __future__ import annotations

import ssl
import sys
from http.server import BaseHTTPRequestHandler

from local.demo.server import Server


class Page(BaseHTTPRequestHandler):
    """Response to every request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send an empty response."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Suppress the log of probes."""


def main() -> None:
    """Serve until the process is stopped."""
    address, port, certificate, key = sys.argv[1:]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with Server((address, int(port)), Page) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.serve_forever()


if __name__ == "__main__":
    main()
