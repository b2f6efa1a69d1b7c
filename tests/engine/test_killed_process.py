"""The next `make up` completes after a process was killed while a release was created.

Nodes and pods are simulated by KWOK; the killed processes are real.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from local.control_plane.programs import PROCESSES
from tests.engine.interruption import add_database, assert_up_completes, read_until
from tools.checkout import Checkout

pytestmark = pytest.mark.usefixtures("state_saved_at_each_step")


@pytest.mark.parametrize(
    ("name", "killed"),
    [("first", PROCESSES[:1]), ("second", PROCESSES[1:])],
    ids=["etcd", "kube-apiserver-and-its-clients"],
)
def test_the_next_up_completes_after_a_killed(deployed: Checkout, name: str, killed: Sequence[str]) -> None:
    creating = add_database(deployed, name)
    with deployed.start("up") as interrupted:
        read_until(interrupted, creating)
        for process in killed:
            deployed.control_plane.processes()[process].kill()
        interrupted.communicate(timeout=300)
    assert_up_completes(deployed)
