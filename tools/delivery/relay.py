"""The way from one member of a cluster to another, which can be cut and mended without rights over the network."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

HOST = "127.0.0.1"


class Relay:
    """Passes packets and connections that come to one port on to another, unless it is cut."""

    def __init__(self, port: int, target: int) -> None:
        """Listen at once."""
        self._target = (HOST, target)
        self._open = True
        self._ended = False
        self._connections: list[socket.socket] = []
        self._packets = socket.socket(type=socket.SOCK_DGRAM)
        self._packets.bind((HOST, port))
        self._listener = socket.create_server((HOST, port))
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._pass_packets, self._accept)]
        for thread in self._threads:
            thread.start()

    def cut(self) -> None:
        """Let nothing through, and break what is connected."""
        self._open = False
        for connection in self._connections:
            _shut(connection)
        self._connections.clear()

    def mend(self) -> None:
        """Let everything through again."""
        self._open = True

    def end(self) -> None:
        """Stop listening."""
        self._ended = True
        self.cut()
        # A thread that waits on a socket wakes up for a packet or a connection, not for its end.
        with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as packet:
            packet.sendto(b"", self._packets.getsockname())
        with contextlib.suppress(OSError), socket.create_connection(self._listener.getsockname(), timeout=1):
            pass
        for thread in self._threads:
            thread.join(timeout=5)
        self._packets.close()
        self._listener.close()

    def _pass_packets(self) -> None:
        while not self._ended:
            packet, _ = self._packets.recvfrom(65536)
            if self._open and not self._ended:
                # Whom to answer, members write into the packet.
                with contextlib.suppress(OSError):
                    self._packets.sendto(packet, self._target)

    def _accept(self) -> None:
        while not self._ended:
            incoming, _ = self._listener.accept()
            try:
                if not self._open:
                    raise ConnectionRefusedError
                outgoing = socket.create_connection(self._target, timeout=5)
            except OSError:
                incoming.close()
                continue
            self._connections += [incoming, outgoing]
            for source, sink in ((incoming, outgoing), (outgoing, incoming)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    _shut(sink)
    source.close()


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def relay(port: int, target: int) -> Iterator[Relay]:
    """A relay while the context lasts."""
    running = Relay(port, target)
    try:
        yield running
    finally:
        running.end()
