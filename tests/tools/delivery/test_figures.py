"""Figures of a delivery run."""

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


def test_recorded_values_are_added_up() -> None:
    assert add_up(RECORDED) == Figures(Share(198, 198), Share(1, 1), Share(5, 5), 0, 3)
    assert add_up(RECORDED).good


@pytest.mark.parametrize(
    "additional", [("delivered", (99, 100)), ("inhibited", (0, 1)), ("survived", (0, 1)), ("lost", 1)]
)
def test_a_failure_is_not_good(additional: tuple[str, object]) -> None:
    assert not add_up([*RECORDED, additional]).good


@pytest.mark.parametrize("name", ["delivered", "inhibited", "survived"])
def test_a_missing_figure_is_not_good(name: str) -> None:
    assert not add_up([each for each in RECORDED if each[0] != name]).good
