"""The real engine on a real control plane."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SAVE_STATE_AT_THE_END
from tests.engine.snapshot import Snapshot, deployed_stack
from tools.checkout import Checkout


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, charts: Path | None) -> Snapshot:
    """A deployed stack `local`, shared by all workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if hasattr(request.config, "workerinput") else base
    return deployed_stack(shared / "deployed", charts)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path_factory.mktemp("project") / "checkout")
    try:
        yield checkout
    finally:
        checkout.control_plane.stop()
        assert checkout.control_plane.processes() == {}


@pytest.fixture(scope="module")
def deployed(checkout: Checkout, snapshot: Snapshot) -> Checkout:
    """The checkout with the state of a deployed stack and a running control plane."""
    snapshot.restore(checkout)
    return checkout


@pytest.fixture(scope="module")
def state_saved_at_each_step() -> Iterator[None]:
    """Let the engine save its state as it does outside tests, for modules that interrupt it."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in SAVE_STATE_AT_THE_END:
            monkeypatch.delenv(name)
        yield


@pytest.fixture
def clean_slate(checkout: Checkout) -> None:
    """Remove all processes and data; reduce the stack to its mandatory components."""
    checkout.replace_settings(
        nodeExporter={"enabled": False},
        kubeStateMetrics={"enabled": False},
        blackboxExporter={"enabled": False},
        probes={},
        prometheus={"replicas": 1},
        alertmanager={"replicas": 1},
    )
    assert checkout.run("clean").returncode == 0
