"""What the tests of the catalogue share."""

import shutil

import pytest


@pytest.fixture(scope="session")
def promtool() -> str:
    """Return the path of promtool; without it the rules are unproven, so its absence is a failure."""
    path = shutil.which("promtool")
    if path is None:
        pytest.fail("promtool is not on the PATH; put the one that belongs to the deployed Prometheus there")
    return path
