"""What a stack consists of is in review: its resources by name, what keeps them, what they come after."""

from difflib import unified_diff

import pytest

from tools.golden.listing import COMMAND, FOLDER, listing_path, render_listing
from tools.mocked_program import STACKS


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_has_the_resources_of_its_list(stack: str) -> None:
    path = listing_path(stack)
    kept = path.read_text().splitlines() if path.exists() else []
    lines = list(unified_diff(kept, render_listing(stack).splitlines(), path.name, "the program", n=0, lineterm=""))
    if lines:
        text = "\n".join(lines)
        pytest.fail(f"{text}\nA renamed resource is a replaced one. If this is meant: {COMMAND}", pytrace=False)


def test_no_list_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(STACKS)
