"""What others give a stack is there as soon as the cluster takes it, and missing only with an error."""

from __future__ import annotations

import threading

import pytest

from local.control_plane.lifecycle import KubectlError
from local.deploy import external_objects as module
from local.deploy.external_objects import external_objects


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "INTERVAL", 0.01)


class Cluster:
    """Takes nothing before its namespace is there."""

    def __init__(self) -> None:
        self.asked = 0
        self.taken = threading.Event()
        self.namespace = threading.Event()

    def apply(self) -> None:
        self.asked += 1
        if not self.namespace.is_set():
            raise KubectlError("namespace not found")
        self.taken.set()


def test_it_is_given_while_the_engine_is_still_at_work() -> None:
    cluster = Cluster()
    with external_objects(cluster.apply):
        assert not cluster.taken.wait(0.05)
        cluster.namespace.set()
        assert cluster.taken.wait(10)


def test_it_is_given_at_the_end_where_there_was_no_time_before() -> None:
    cluster = Cluster()
    with external_objects(cluster.apply):
        cluster.namespace.set()
    assert cluster.taken.is_set()


def test_what_the_cluster_does_not_take_at_the_end_is_an_error() -> None:
    with pytest.raises(KubectlError, match="namespace not found"), external_objects(Cluster().apply):
        pass


def test_after_a_failed_deployment_nothing_more_is_tried() -> None:
    cluster = Cluster()
    with pytest.raises(ZeroDivisionError), external_objects(cluster.apply):
        raise ZeroDivisionError
    asked = cluster.asked
    cluster.namespace.set()
    assert not cluster.taken.wait(0.1)
    assert cluster.asked == asked
