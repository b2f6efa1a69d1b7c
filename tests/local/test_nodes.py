"""What is ended with nodes, without any."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from local.control_plane.lifecycle import ControlPlane, NodesError
from local.nodes.kinds import KINDS
from local.nodes.node_kind import choose_node_kind
from local.processes import Program, start


@pytest.fixture
def control_plane(tmp_path: Path) -> ControlPlane:
    return ControlPlane(tmp_path / "state", "name")


def test_what_a_killed_command_left_at_work_in_a_real_node_is_ended_with_it(control_plane: ControlPlane) -> None:
    control_plane.set_node_kind("real")
    left = start(Program(name="ctr", arguments=["sleep", "600"]), control_plane.state)
    assert control_plane.processes() == {"ctr": left}
    control_plane.stop()
    assert control_plane.processes() == {}


def test_nodes_are_simulated_until_others_are_chosen(control_plane: ControlPlane) -> None:
    assert control_plane.nodes is KINDS["simulated"]
    control_plane.set_node_kind("real")
    assert control_plane.nodes is KINDS["real"]


def test_what_was_stored_with_one_kind_of_nodes_is_not_used_with_the_other(control_plane: ControlPlane) -> None:
    (control_plane.state / "etcd").mkdir(parents=True)
    with pytest.raises(NodesError, match="run `make clean` before NODE=real"):
        control_plane.set_node_kind("real")


REFUSED: Final = "it needs root"


@pytest.mark.parametrize(
    ("given", "before", "hindrance", "kind", "why"),
    [
        (None, None, None, "real", "the default where one can be had; simulated ones with NODE=simulated"),
        (None, None, REFUSED, "simulated", "no real one can be had here: it needs root"),
        (None, "simulated", None, "simulated", "as before"),
        (None, "real", None, "real", "as before"),
        ("simulated", None, None, "simulated", "asked for"),
        ("real", None, None, "real", "asked for"),
    ],
)
def test_nodes_are_as_asked_for_else_as_before_else_real_where_that_can_be(
    requested: str | None, current: str | None, unmet: str | None, kind: str, why: str
) -> None:
    assert choose_node_kind(requested, current, lambda: unmet) == (kind, why)


@pytest.mark.parametrize(("given", "before"), [("real", None), (None, "real")])
def test_a_real_node_that_cannot_be_had_is_an_error_where_it_is_wanted(
    requested: str | None, current: str | None
) -> None:
    with pytest.raises(NodesError, match="no real node can be had here: it needs root; use NODE=simulated"):
        choose_node_kind(requested, current, lambda: REFUSED)


def test_an_environment_of_before_there_were_real_nodes_keeps_its_simulated_ones(control_plane: ControlPlane) -> None:
    assert not control_plane.has_node_kind
    (control_plane.state / "etcd").mkdir(parents=True)
    assert control_plane.has_node_kind
    assert control_plane.nodes is KINDS["simulated"]
