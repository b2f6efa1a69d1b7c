"""Application of external objects during a deployment."""

from __future__ import annotations

import threading

import pytest

from local.control_plane.lifecycle import KubectlError
from local.deploy import external_objects as module
from local.deploy.external_objects import external_objects


@pytest.fixture(autouse=True)
def _short_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "INTERVAL", 0.01)


class Cluster:
    """A cluster that rejects objects before their namespace exists."""

    def __init__(self) -> None:
        self.attempts = 0
        self.applied = threading.Event()
        self.namespace = threading.Event()

    def apply(self) -> None:
        self.attempts += 1
        if not self.namespace.is_set():
            raise KubectlError("namespace not found")
        self.applied.set()


def test_objects_are_applied_while_the_deployment_runs() -> None:
    cluster = Cluster()
    with external_objects(cluster.apply):
        assert not cluster.applied.wait(0.05)
        cluster.namespace.set()
        assert cluster.applied.wait(10)


def test_objects_are_applied_at_the_end_of_a_short_deployment() -> None:
    cluster = Cluster()
    with external_objects(cluster.apply):
        cluster.namespace.set()
    assert cluster.applied.is_set()


def test_rejection_at_the_end_is_an_error() -> None:
    with pytest.raises(KubectlError, match="namespace not found"), external_objects(Cluster().apply):
        pass


def test_after_a_failed_deployment_there_are_no_further_attempts() -> None:
    cluster = Cluster()
    with pytest.raises(ZeroDivisionError), external_objects(cluster.apply):
        raise ZeroDivisionError
    attempts = cluster.attempts
    cluster.namespace.set()
    assert not cluster.applied.wait(0.1)
    assert cluster.attempts == attempts
