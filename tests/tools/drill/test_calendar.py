"""The drill has the same result at every time and day."""

from tools.delivery.alertmanager import PAST
from tools.delivery.stacks import stack
from tools.drill.run import drill_routes


def test_no_quiet_hours_are_active_in_a_drill() -> None:
    original = stack("prod").configuration
    assert original["time_intervals"]
    configuration = drill_routes(original, 30)
    assert [interval["time_intervals"] for interval in configuration["time_intervals"]] == [PAST]
    assert original["time_intervals"][0]["time_intervals"] != PAST
