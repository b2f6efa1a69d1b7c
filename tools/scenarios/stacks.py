"""This project's stacks as subjects of scenarios."""

from __future__ import annotations

from tools.delivery.stacks import stack
from tools.scenarios.model import Scenario
from tools.scenarios.run import Subject


def subject_of(scenario: Scenario) -> Subject:
    """Return rules and routes of a scenario's stack, with the settings that it changes.

    Raises:
        SettingsError: the settings of the scenario are invalid.
    """
    loaded = stack(scenario.stack, settings=scenario.settings)
    return Subject(loaded.groups, loaded.configuration, loaded.origin)
