"""Options of the whole suite."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--charts", metavar="FOLDER", help="run the engine's tests on these charts, not on what is found")
