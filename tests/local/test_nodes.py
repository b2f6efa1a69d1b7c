"""What is ended with nodes, without any."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.control_plane import ControlPlane, NodesError
from local.nodes import KINDS
from local.processes import Program, start


@pytest.fixture
def control_plane(tmp_path: Path) -> ControlPlane:
    return ControlPlane(tmp_path / "state", "name")


def test_what_a_killed_command_left_at_work_in_a_real_node_is_ended_with_it(control_plane: ControlPlane) -> None:
    control_plane.choose_nodes("real")
    left = start(Program(name="ctr", arguments=["sleep", "600"]), control_plane.state)
    assert control_plane.processes() == {"ctr": left}
    control_plane.stop()
    assert control_plane.processes() == {}


def test_nodes_are_simulated_until_others_are_chosen(control_plane: ControlPlane) -> None:
    assert control_plane.nodes is KINDS["simulated"]
    control_plane.choose_nodes("real")
    assert control_plane.nodes is KINDS["real"]


def test_what_was_stored_with_one_kind_of_nodes_is_not_used_with_the_other(control_plane: ControlPlane) -> None:
    (control_plane.state / "etcd").mkdir(parents=True)
    with pytest.raises(NodesError, match="run `make clean` before NODE=real"):
        control_plane.choose_nodes("real")
