"""The next `make up` completes after a process was killed.

Nodes and pods are simulated by KWOK; the killed processes are real.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from local.control_plane.programs import PROCESSES
from tests.engine.interruption import MIDDLE_OF_UP, assert_up_completes, read_until
from tools.checkout import Checkout


@pytest.mark.parametrize(
    "names",
    [PROCESSES[:1], PROCESSES[1:]],
    ids=["etcd", "kube-apiserver-and-its-clients"],
)
@pytest.mark.usefixtures("clean_slate")
def test_the_next_up_completes_after_a_killed(checkout: Checkout, names: Sequence[str]) -> None:
    with checkout.start("up") as interrupted:
        read_until(interrupted, MIDDLE_OF_UP)
        for name in names:
            checkout.control_plane.processes()[name].kill()
        interrupted.communicate(timeout=300)
    assert_up_completes(checkout)
