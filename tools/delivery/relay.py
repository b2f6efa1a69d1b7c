"""Network relay between cluster members that tests can interrupt."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Final

HOST: Final = "127.0.0.1"


class Relay:
    """Relay of UDP packets and TCP connections from one port to another."""

    def __init__(self, port: int, target: int) -> None:
        """Start to listen."""
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
        """Drop all packets and close all connections."""
        self._open = False
        for connection in self._connections:
            _shut(connection)
        self._connections.clear()

    def restore(self) -> None:
        """Forward packets and connections again."""
        self._open = True

    def end(self) -> None:
        """Stop listening."""
        self._ended = True
        self.cut()
        # Closing a socket does not wake up a waiting thread; a packet or connection does.
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
                # Members write the address for the reply into the packet.
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
    """Run a relay."""
    running = Relay(port, target)
    try:
        yield running
    finally:
        running.end()
