"""HTTP server for a network without name resolution."""

from __future__ import annotations

import socketserver
from http.server import ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """An HTTP server without the reverse DNS lookup of the standard library."""

    def server_bind(self) -> None:
        """Bind the address and set the server name without a lookup."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
