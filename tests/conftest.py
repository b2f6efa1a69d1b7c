"""Options and fixtures of all tests."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest

from local.tools.toolset import binary
from tests.chart_values import VARIABLE, chosen_values

pytest_plugins = ("tests.program_environment",)

# No deadline: the time of an example depends on the load of the machine.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


@pytest.fixture(scope="session")
def charts(request: pytest.FixtureRequest) -> Path | None:
    """The folder of `--charts`; None means upstream charts if reachable, else stand-ins."""
    folder: str | None = request.config.getoption("--charts")
    return Path(folder) if folder else None


@pytest.fixture(scope="session")
def promtool() -> str:
    """The path of promtool; its absence is a failure, because the rules would remain untested."""
    path = binary("promtool")
    if not path.exists():
        pytest.fail("promtool is not built; run `make tools`")
    return str(path)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--charts", metavar="FOLDER", help="run the engine tests with these charts")
    parser.addoption("--previous-charts", metavar="FOLDER", help="upgrade from these charts to those of --charts")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    chosen = chosen_values(config.getoption("--charts"))
    terminalreporter.write_line(
        f"chart contract: keys compared with {chosen.description} (real charts: --charts FOLDER or {VARIABLE}=FOLDER)"
    )
