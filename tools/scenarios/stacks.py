"""This project's stacks as subjects of scenarios."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final

from common.project import PROJECT
from tools.delivery.stacks import stack
from tools.scenarios.model import Scenario
from tools.scenarios.run import Subject

# Folder of this project's scenarios.
SCENARIOS: Final = PROJECT / "tests" / "scenarios"


def subject_of(scenario: Scenario) -> Subject:
    """Return rules and routes of a scenario's stack, with the settings that it changes.

    Raises:
        SettingsError: the settings of the scenario are invalid.
    """
    return _subject(scenario.stack, scenario.settings) if scenario.settings else _unchanged(scenario.stack)


def _subject(name: str, settings: Mapping[str, Any]) -> Subject:
    loaded = stack(name, settings=settings)
    return Subject(loaded.groups, loaded.configuration, loaded.origin)


@functools.cache
def _unchanged(name: str) -> Subject:
    # Most scenarios change no setting, and to render the rules of a stack takes a while.
    return _subject(name, {})
