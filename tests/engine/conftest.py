"""The real engine on a real control plane."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.checkout import Checkout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path_factory.mktemp("project") / "checkout")
    try:
        yield checkout
    finally:
        checkout.control_plane.stop()
        assert checkout.control_plane.processes() == {}
