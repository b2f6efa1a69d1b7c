"""Objects that other teams provide to a stack, such as database logins."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Final

from local.control_plane.lifecycle import KubectlError

# Seconds between two attempts, which fail until the engine has created the namespace.
INTERVAL: Final = 2.0


@contextlib.contextmanager
def external_objects(apply: Callable[[], None]) -> Iterator[None]:
    """Apply objects while the context deploys, and again at its end.

    The kubelet retries a pod with a missing Secret only every few seconds, so the Secret should exist early.

    Raises:
        KubectlError: the cluster rejects the objects at the end of the context.
    """
    stopped = threading.Event()

    def attempt() -> None:
        while not stopped.wait(INTERVAL):
            with contextlib.suppress(KubectlError):
                apply()
                return

    worker = threading.Thread(target=attempt, daemon=True)
    worker.start()
    try:
        yield
    finally:
        stopped.set()
        worker.join()
    apply()
