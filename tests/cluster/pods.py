"""Deletion of pods."""

from __future__ import annotations

import json
from typing import Final

from local.control_plane.lifecycle import ControlPlane
from tests.cluster.acceptance import wait_for_no_problems

_PODS: Final = ("pods", "--namespace=monitoring", "--output=json")


def delete_pods(control_plane: ControlPlane, *selection: str) -> None:
    """Delete pods by name or selector and wait up to 60 s for their deletion.

    `kubectl delete --wait` compares names, so it can wait forever if a StatefulSet recreates the pods.
    """
    uids = _uids(control_plane, *selection)
    assert uids, f"no pod matches {' '.join(selection)}"
    control_plane.kubectl("delete", "pods", "--namespace=monitoring", "--wait=false", *selection)
    assert wait_for_no_problems(lambda: sorted(uids & _uids(control_plane)), 60) == [], "pods that are not deleted"


def _uids(control_plane: ControlPlane, *selection: str) -> set[str]:
    found = json.loads(control_plane.kubectl("get", *_PODS, *selection))
    return {pod["metadata"]["uid"] for pod in found.get("items", [found])}
