"""Whichever process of the control plane is killed while `make up` is at work, the next `make up` finishes the work.

Nodes and pods are simulated by KWOK; what is killed is real.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from local.control_plane.programs import PROCESSES
from tests.engine.interruption import MIDDLE_OF_UP, assert_up_completes, read_until
from tools.checkout import Checkout


@pytest.mark.parametrize(
    "names",
    [PROCESSES[:1], PROCESSES[1:2], PROCESSES[2:]],
    ids=["etcd", "kube-apiserver", "all-that-watch-the-api-server"],
)
@pytest.mark.usefixtures("clean_slate")
def test_the_next_up_finishes_after_a_killed(checkout: Checkout, names: Sequence[str]) -> None:
    with checkout.start("up") as interrupted:
        read_until(interrupted, MIDDLE_OF_UP)
        for name in names:
            checkout.control_plane.processes()[name].kill()
        interrupted.communicate(timeout=300)
    assert_up_completes(checkout)
