"""Golden lists of the resources of each stack: names, options, dependencies."""

from difflib import unified_diff

import pytest

from tools.golden.listing import COMMAND, FOLDER, listing_path, render_listing
from tools.mocked_program import STACKS


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_has_the_resources_of_its_list(stack: str) -> None:
    path = listing_path(stack)
    golden = path.read_text().splitlines() if path.exists() else []
    lines = list(unified_diff(golden, render_listing(stack).splitlines(), path.name, "the program", n=0, lineterm=""))
    if lines:
        text = "\n".join(lines)
        pytest.fail(
            f"{text}\nRenaming a resource replaces it. If the change is intended, run: {COMMAND}", pytrace=False
        )


def test_every_list_belongs_to_a_stack() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(STACKS)
