"""What the tests of the catalogue share."""

import pytest

from local.tools import binary


@pytest.fixture(scope="session")
def promtool() -> str:
    """Return the path of promtool; without it the rules are unproven, so its absence is a failure."""
    path = binary("promtool")
    if not path.exists():
        pytest.fail("promtool is not built; run `make tools`")
    return str(path)
