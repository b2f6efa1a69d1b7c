"""Choice of the kind of nodes of an environment."""

from __future__ import annotations

from collections.abc import Callable

from local.control_plane.lifecycle import NodesError


def choose_node_kind(
    requested: str | None, current: str | None, find_unmet_requirement: Callable[[], str | None]
) -> tuple[str, str]:
    """Return the kind of nodes and the reason for it as text.

    Args:
        requested: The requested kind, if any.
        current: The kind that the environment has, if any.
        find_unmet_requirement: Returns why a real node is not supported, or None.

    Raises:
        NodesError: a real node is requested or recorded, but not supported.
    """
    kind, reason = requested or current, "requested" if requested else "unchanged"
    if kind == "simulated":
        return kind, reason
    unmet = find_unmet_requirement()
    if unmet and kind:
        raise NodesError(f"real node not supported on this machine: {unmet}; use NODE=simulated")
    if unmet:
        return "simulated", f"real node not supported on this machine: {unmet}"
    return "real", reason if kind else "default; NODE=simulated for simulated nodes"
