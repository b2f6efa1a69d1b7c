"""Production's settings with changed sections, and the program that runs with them on mocks."""

import functools

from settings.loader import RawConfig
from tools.mocked_program import Run, configuration, run_program
from tools.stubbed_cluster import stubbed_cluster


def production(**changes: object) -> RawConfig:
    """Return the configuration of the stack `prod` with these sections instead of its own."""
    base = configuration("prod", "upstream")
    return RawConfig(stack="prod", values={**base.values, **changes}, secrets=base.secrets)


def run_production(**changes: object) -> Run:
    """Run the program with these sections instead of those of the stack `prod`."""
    return run_program(production(**changes))


@functools.cache
def unchanged_production() -> Run:
    """Return the run of the unchanged stack `prod` in an empty cluster; tests must not change it."""
    with stubbed_cluster():
        return run_production()
