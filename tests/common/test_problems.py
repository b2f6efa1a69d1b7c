import pytest

from common.problems import Problem, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é", "plain é"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\ud800", "\\ud800"),
        ("\u202eabc\u2028", "\\u202eabc\\u2028"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown
    problem = Problem(text, text, text)
    assert str(problem) == f"{shown}: found {shown}; allowed: {shown}"
    assert str(problem).encode("utf-8").decode().splitlines() == [str(problem)]


def test_a_long_value_is_shortened_but_not_what_is_allowed() -> None:
    problem = Problem("k" * 1_000, "v" * 1_000, "a" * 1_000)
    assert problem.key == "k" * 200 + "... (1000 characters)"
    assert problem.found == "v" * 200 + "... (1000 characters)"
    assert problem.allowed == "a" * 1_000
