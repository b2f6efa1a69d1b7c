"""The table of the on-call guide."""

from tools.scenarios import on_call_table
from tools.scenarios.model import Notification, Scenario


def test_the_table_of_the_guide_is_up_to_date() -> None:
    assert on_call_table.DOCUMENT.read_text(encoding="utf-8") == on_call_table.document(), "run: make generate"


def test_a_row_tells_who_is_woken_and_who_is_told() -> None:
    given = [
        Notification(receiver="critical", alerts=("NodeDown",)),
        Notification(receiver="warning", alerts=("A", "B")),
        Notification(receiver="business", alerts=("NodeDown",)),
    ]
    scenario = Scenario(story="It breaks.", wanted="", family="nodes", end="1h", notifications=tuple(given))
    assert list(on_call_table.rows([scenario])) == ["| **nodes** | | |", "| It breaks | `NodeDown` | `A`, `B` |"]


def test_a_scenario_without_notifications_tells_no_one_and_one_that_fails_is_left_out() -> None:
    quiet = Scenario(story="It works.", wanted="", family="nodes", end="1h")
    fails = quiet.model_copy(update={"open": "not fixed yet"})
    assert list(on_call_table.rows([quiet, fails]))[1:] == ["| It works | no one | no one |"]
