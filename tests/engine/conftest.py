"""The real engine on a real control plane."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.checkout import Checkout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path_factory.mktemp("project") / "checkout")
    try:
        yield checkout
    finally:
        checkout.control_plane.stop()
        assert checkout.control_plane.processes() == {}


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
