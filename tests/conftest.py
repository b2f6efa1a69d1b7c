"""Options and fixtures of all tests."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import hypothesis
import pytest

from common.project import PROJECT
from local.tools.toolset import binary
from manifests import artifacts
from tests.chart_values import VARIABLE, chosen_values

# Less garbage collection in the engine, the control planes and the Prometheus tools, all of them Go programs: a
# deployment takes a fifth less processor time. The limit of memory, per process, has priority.
os.environ.setdefault("GOGC", "400")
os.environ.setdefault("GOMEMLIMIT", "1GiB")

# The engine otherwise writes the whole state, 4 MB, before and after the step of each resource. That takes four fifths
# of its processor time, and only matters if it is interrupted: those modules use `state_saved_at_each_step`.
SAVE_STATE_AT_THE_END: Final = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
os.environ.update(SAVE_STATE_AT_THE_END)

# The tests start hundreds of Python processes, each of which would compile the project: 0.4 s of processor time. The
# copies of the project (`tools/checkout.py`) start with what is compiled here.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A runner in the background ignores the keyboard interrupt, which all processes of the tests would inherit.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ("tests.program_environment",)

# No deadline: the time of an example depends on the load of the machine.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


@pytest.fixture(scope="session")
def charts(request: pytest.FixtureRequest) -> Path | None:
    """The folder of `--charts`; None means upstream charts if reachable, else stand-ins."""
    folder: str | None = request.config.getoption("--charts")
    return Path(folder) if folder else None


@pytest.fixture(scope="session", autouse=True)
def unrecorded_charts() -> Iterator[None]:
    """Charts without recorded digests, which a preview would download to compare them; their tests record their own."""
    with pytest.MonkeyPatch.context() as patch:
        lock = replace(artifacts.recorded(), charts={})
        patch.setattr(artifacts, "recorded", lambda: lock)
        yield


@pytest.fixture(scope="session")
def promtool() -> str:
    """The path of promtool; its absence is a failure, because the rules would remain untested."""
    path = binary("promtool")
    if not path.exists():
        pytest.fail("promtool is not built; run `make tools`")
    return str(path)


# Files that take more than half a minute, the longest first: a worker that starts one of them last delays the end.
LONGEST: Final = (
    "tests/cluster/test_stack.py",
    "tests/scenarios/test_scenarios.py",
    "tests/cluster/test_leftovers.py",
    "tests/engine/test_volumes.py",
    "tests/engine/test_lifecycle.py",
    "tests/engine/test_interrupted_command.py",
    "tests/engine/test_shared_cluster.py",
    "tests/dashboards/test_days.py",
    "tests/engine/test_many_pods.py",
    "tests/engine/test_policy.py",
    "tests/engine/test_pull_requests.py",
    "tests/engine/test_canaries.py",
    "tests/engine/test_commands.py",
    "tests/engine/test_killed_process.py",
    "tests/engine/test_changes.py",
    "tests/engine/test_scale_out.py",
    "tests/tools/proof/test_proof.py",
    "tests/engine/test_verification.py",
    "tests/engine/test_health.py",
    "tests/tools/boards/test_speed.py",
    "tests/synthetic/test_scenarios.py",
    "tests/rules/test_rules.py",
    "tests/engine/test_recovery.py",
    "tests/engine/test_rebuilt_cluster.py",
    "tests/cluster/test_registry.py",
    "tests/guides/test_environment_guide.py",
    "tests/tools/test_exporter_scaffold.py",
    "tests/engine/test_consumer.py",
    "tests/guides/test_alert_guide.py",
    "tests/tools/test_receiver_scaffold.py",
    "tests/catalogue/test_breaking.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest files first."""
    rank = {PROJECT / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--charts", metavar="FOLDER", help="run the engine tests with these charts")
    parser.addoption("--previous-charts", metavar="FOLDER", help="upgrade from these charts to those of --charts")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    chosen = chosen_values(config.getoption("--charts"))
    terminalreporter.write_line(
        f"chart contract: keys compared with {chosen.description} (real charts: --charts FOLDER or {VARIABLE}=FOLDER)"
    )
