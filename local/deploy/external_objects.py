"""What a stack is given by others, such as the login to a database: there as soon as there is a place for it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Final

from local.control_plane.lifecycle import KubectlError

# Seconds between two tries: the namespace is the engine's to make.
INTERVAL: Final = 2.0


@contextlib.contextmanager
def external_objects(apply: Callable[[], None]) -> Iterator[None]:
    """Apply objects while the block deploys, as soon as the cluster takes them, and once more at its end.

    A pod that waits for a Secret looks for it every few seconds only, so it should not come last.

    Raises:
        KubectlError: the cluster does not take them although the block is over.
    """
    over = threading.Event()

    def attempt() -> None:
        while not over.wait(INTERVAL):
            with contextlib.suppress(KubectlError):
                apply()
                return

    giver = threading.Thread(target=attempt, daemon=True)
    giver.start()
    try:
        yield
    finally:
        over.set()
        giver.join()
    apply()
