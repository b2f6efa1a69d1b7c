"""End pods, and know when they are gone."""

from __future__ import annotations

import json
from typing import Final

from local.control_plane.lifecycle import ControlPlane
from tests.cluster.acceptance import wait_for_no_problems

_PODS: Final = ("pods", "--namespace=monitoring", "--output=json")


def end_pods(control_plane: ControlPlane, *which: str) -> None:
    """End pods of the stack, given by name or by a selector, and wait until they are gone, for a minute at most.

    kubectl's own wait goes by name: where a StatefulSet makes pods of the same names at once, it may wait for ever.
    """
    ended = _identities(control_plane, *which)
    assert ended, f"no pod is {' '.join(which)}"
    control_plane.kubectl("delete", "pods", "--namespace=monitoring", "--wait=false", *which)
    assert wait_for_no_problems(lambda: sorted(ended & _identities(control_plane)), 60) == [], "pods that do not go"


def _identities(control_plane: ControlPlane, *which: str) -> set[str]:
    found = json.loads(control_plane.kubectl("get", *_PODS, *which))
    return {pod["metadata"]["uid"] for pod in found.get("items", [found])}
