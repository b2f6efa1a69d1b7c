"""Which kind of nodes an environment gets, and why."""

from __future__ import annotations

from collections.abc import Callable

from local.control_plane.lifecycle import NodesError


def choose_node_kind(requested: str | None, current: str | None, unmet: Callable[[], str | None]) -> tuple[str, str]:
    """The kind of nodes, and why it is that one, for a person.

    Args:
        given: The kind that is asked for, if one is.
        before: The kind that the environment has, if it has one.
        hindrance: Looks for what is in the way of a real node.

    Raises:
        NodesError: a real node is asked for, or there was one, and none can be had.
    """
    kind, why = requested or current, "asked for" if requested else "as before"
    if kind == "simulated":
        return kind, why
    reason = unmet()
    if reason and kind:
        raise NodesError(f"no real node can be had here: {reason}; use NODE=simulated")
    if reason:
        return "simulated", f"no real one can be had here: {reason}"
    return "real", why if kind else "the default where one can be had; simulated ones with NODE=simulated"
