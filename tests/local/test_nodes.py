"""Choice of the kind of nodes, and shutdown, without running nodes."""

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


def test_stopping_a_real_node_stops_leftovers_of_a_killed_command(control_plane: ControlPlane) -> None:
    control_plane.set_node_kind("real")
    left = start(Program(name="ctr", arguments=["sleep", "600"]), control_plane.state)
    assert control_plane.processes() == {"ctr": left}
    control_plane.stop()
    assert control_plane.processes() == {}


def test_nodes_are_simulated_until_another_kind_is_recorded(control_plane: ControlPlane) -> None:
    assert control_plane.nodes is KINDS["simulated"]
    control_plane.set_node_kind("real")
    assert control_plane.nodes is KINDS["real"]


def test_the_kind_of_nodes_cannot_change_once_data_are_stored(control_plane: ControlPlane) -> None:
    (control_plane.state / "etcd").mkdir(parents=True)
    with pytest.raises(NodesError, match="run `make clean` before NODE=real"):
        control_plane.set_node_kind("real")


UNMET: Final = "requires root"


@pytest.mark.parametrize(
    ("requested", "current", "unmet", "kind", "reason"),
    [
        (None, None, None, "real", "default; NODE=simulated for simulated nodes"),
        (None, None, UNMET, "simulated", "real node not supported on this machine: requires root"),
        (None, "simulated", None, "simulated", "unchanged"),
        (None, "real", None, "real", "unchanged"),
        ("simulated", None, None, "simulated", "requested"),
        ("real", None, None, "real", "requested"),
    ],
)
def test_the_requested_kind_precedes_the_current_kind_and_the_default(
    requested: str | None, current: str | None, unmet: str | None, kind: str, reason: str
) -> None:
    assert choose_node_kind(requested, current, lambda: unmet) == (kind, reason)


@pytest.mark.parametrize(("requested", "current"), [("real", None), (None, "real")])
def test_a_requested_or_current_real_node_that_is_not_supported_is_an_error(
    requested: str | None, current: str | None
) -> None:
    with pytest.raises(NodesError, match="real node not supported on this machine: requires root; use NODE=simulated"):
        choose_node_kind(requested, current, lambda: UNMET)


def test_an_environment_without_a_record_keeps_its_simulated_nodes(control_plane: ControlPlane) -> None:
    assert not control_plane.has_node_kind
    (control_plane.state / "etcd").mkdir(parents=True)
    assert control_plane.has_node_kind
    assert control_plane.nodes is KINDS["simulated"]
