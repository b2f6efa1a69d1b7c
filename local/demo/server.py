"""A web server for a network in which nobody answers for names."""

from __future__ import annotations

import socketserver
from http.server import ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """Does not ask what its address is called, as the library's does for a name that nothing here reads."""

    def server_bind(self) -> None:
        """Bind the address."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
