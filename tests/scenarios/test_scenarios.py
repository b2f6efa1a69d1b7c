"""Every scenario, played against all rules and routes of its stack, notifies exactly those that it should."""

from collections.abc import Iterator
from typing import Final

import pytest

from tools.scenarios.model import Scenario, load
from tools.scenarios.outcome import Outcome
from tools.scenarios.run import run
from tools.scenarios.stacks import SCENARIOS, subject_of

pytestmark = pytest.mark.slow

ALL: Final = {scenario.name: scenario for scenario in load(SCENARIOS)}


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """Outcome of every scenario by its name; several are played at a time."""
    return {outcome.scenario.name: outcome for outcome in run(list(ALL.values()), subject_of)}


def scenarios(*, fails: bool) -> Iterator[Scenario]:
    """Yield the scenarios that are known to fail, or the others."""
    return (scenario for scenario in ALL.values() if bool(scenario.open) == fails)


@pytest.mark.parametrize("name", [scenario.name for scenario in scenarios(fails=False)])
def test_exactly_the_wanted_notifications_are_sent(name: str, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[name].problems == [], ALL[name].wanted


def test_a_scenario_that_is_known_to_fail_fails(outcomes: dict[str, Outcome]) -> None:
    passing = [scenario.name for scenario in scenarios(fails=True) if outcomes[scenario.name].passed]
    assert passing == [], "remove `open` from these scenarios"
    for scenario in scenarios(fails=True):
        print(f"known to fail: {scenario.name}: {scenario.open}")
