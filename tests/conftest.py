"""Options of the whole suite."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest

from local.tools.toolset import binary
from tests.chart_values import VARIABLE, chosen_values

pytest_plugins = ("tests.program_environment",)

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


@pytest.fixture(scope="session")
def charts(request: pytest.FixtureRequest) -> Path | None:
    """A folder of charts given on the command line; none means upstream where reachable, stand-ins where not."""
    given: str | None = request.config.getoption("--charts")
    return Path(given) if given else None


@pytest.fixture(scope="session")
def promtool() -> str:
    """Return the path of promtool; without it the rules are unproven, so its absence is a failure."""
    path = binary("promtool")
    if not path.exists():
        pytest.fail("promtool is not built; run `make tools`")
    return str(path)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--charts", metavar="FOLDER", help="run the engine's tests on these charts, not on what is found")
    parser.addoption("--previous-charts", metavar="FOLDER", help="upgrade from these charts, beside --charts")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    chosen = chosen_values(config.getoption("--charts"))
    terminalreporter.write_line(
        f"chart contract: keys compared with {chosen.description} (real ones: --charts FOLDER or {VARIABLE}=FOLDER)"
    )
