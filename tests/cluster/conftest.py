"""A checkout for a real node; tests are skipped without support for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.nodes.requirements import unmet_requirement
from tools.checkout import Checkout


@pytest.fixture(scope="session", autouse=True)
def _require_real_node(tmp_path_factory: pytest.TempPathFactory) -> None:
    if reason := unmet_requirement(tmp_path_factory.mktemp("requirements")):
        pytest.skip(f"real node not supported on this machine: {reason}")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path_factory.mktemp("project") / "checkout")
    try:
        yield checkout
    finally:
        ended = checkout.run("down")
        assert ended.returncode == 0, ended.stdout
