"""The objects that each kind of changed setting changes, by the inputs that the program registers."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.program_environment import write_charts
from tests.setting_changes import CHANGES, Change
from tools.mocked_program import configuration, run_program
from tools.stubbed_cluster import stubbed_cluster


def inputs(charts: str, sections: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the inputs of every resource of stack `local` by its logical name, without those of components."""
    written = configuration("local", charts)
    written = replace(written, values={**written.values, **sections})
    return {each.name: each.decrypted for each in run_program(written).resources if each.type.startswith("kubernetes:")}


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Charts of all runs, with a stand-in for the cluster."""
    with stubbed_cluster():
        yield write_charts(tmp_path_factory.mktemp("charts") / "charts", stand_in=True)


@pytest.fixture(scope="module")
def before(charts: str) -> dict[str, Mapping[str, Any]]:
    return inputs(charts, {})


@pytest.mark.parametrize("change", CHANGES.values(), ids=[kind.replace(" ", "-") for kind in CHANGES])
def test_a_changed_setting_changes_the_inputs_of_its_objects_only(
    change: Change, charts: str, before: dict[str, Mapping[str, Any]]
) -> None:
    after = inputs(charts, change.sections)
    changed = {name for name in after if before.get(name) != after[name]}
    # A component has no inputs; its step in the engine is an update of its outputs.
    expected = {(operation, name) for operation, name in change.steps if name in after}
    assert {("update" if name in before else "create", name) for name in changed} == expected
    assert before.keys() <= after.keys()
