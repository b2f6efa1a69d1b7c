"""The figures say what the tests recorded, and call nothing good that was not tried."""

from __future__ import annotations

import pytest

from tools.delivery.figures import Figures, Share, add_up

RECORDED: list[tuple[str, object]] = [
    ("delivered", (100, 100)),
    ("delivered", (98, 98)),
    ("inhibited", (1, 1)),
    ("survived", (5, 5)),
    ("lost", 0),
    ("duplicates", 3),
]


def test_what_is_recorded_is_added_up() -> None:
    assert add_up(RECORDED) == Figures(Share(198, 198), Share(1, 1), Share(5, 5), 0, 3)
    assert add_up(RECORDED).good


@pytest.mark.parametrize(
    "further", [("delivered", (99, 100)), ("inhibited", (0, 1)), ("survived", (0, 1)), ("lost", 1)]
)
def test_what_failed_is_not_good(further: tuple[str, object]) -> None:
    assert not add_up([*RECORDED, further]).good


@pytest.mark.parametrize("name", ["delivered", "inhibited", "survived"])
def test_what_was_not_tried_is_not_good(name: str) -> None:
    assert not add_up([each for each in RECORDED if each[0] != name]).good
