"""A node whose pods run, where this machine can have one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.nodes.requirements import unmet_requirement
from tools.checkout import Checkout


@pytest.fixture(scope="session", autouse=True)
def _possible(tmp_path_factory: pytest.TempPathFactory) -> None:
    if reason := unmet_requirement(tmp_path_factory.mktemp("possible")):
        pytest.skip(f"no real node can be had here: {reason}")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path_factory.mktemp("project") / "checkout")
    try:
        yield checkout
    finally:
        ended = checkout.run("down")
        assert ended.returncode == 0, ended.stdout
