"""The drill has the same result at every time and day."""

from catalogue.platform import EXCLUDED_DAY, ExcludedDays, Platform
from tools.delivery.alertmanager import PAST
from tools.delivery.stacks import stack
from tools.drill.run import drill_routes, drill_rules


def test_no_quiet_hours_are_active_in_a_drill() -> None:
    original = stack("prod").configuration
    assert original["time_intervals"]
    configuration = drill_routes(original, 30)
    assert [interval["time_intervals"] for interval in configuration["time_intervals"]] == [PAST]
    assert original["time_intervals"][0]["time_intervals"] != PAST


def test_no_day_is_excluded_in_a_drill() -> None:
    """On an excluded day, alerts that compare with the usual level do not fire."""
    calendar = Platform(excluded_days=(ExcludedDays(begin=0, end=1 << 40),)).calendar()
    groups = [calendar, *stack("prod").groups]
    recorded = {rule.get("record") for group in groups for rule in group["rules"]}
    assert recorded - {rule.get("record") for group in drill_rules(groups) for rule in group["rules"]} == {EXCLUDED_DAY}
