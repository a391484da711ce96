"""A way to a server that counts the connections made on it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from attrs import define


@define
class Relay:
    """`port` on loopback leads to the server; `made` connections so far."""

    port: int
    made: int = 0


@contextmanager
def relayed(port: int) -> Iterator[Relay]:
    """Lead on to a port on loopback, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        relay = Relay(listening.getsockname()[1])
        thread = threading.Thread(target=_accept, args=(listening, relay, port), daemon=True)
        thread.start()
        yield relay
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def _accept(listening: socket.socket, relay: Relay, port: int) -> None:
    with suppress(OSError):  # it was closed: the block has ended
        while True:
            near, _ = listening.accept()
            relay.made += 1
            far = socket.create_connection(("127.0.0.1", port))
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=_pass_on, args=(source, target), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # either end has hung up
        while data := source.recv(1 << 16):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
