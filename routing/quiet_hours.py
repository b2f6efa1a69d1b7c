"""Quiet hours as Alertmanager's time intervals, and the routes that keep them."""

from typing import Any, Final

from settings.notifications import QuietHours

INTERVAL_NAME: Final = "quiet-hours"


def time_intervals(quiet: QuietHours | None) -> list[dict[str, Any]]:
    """Alertmanager's `time_intervals`."""
    if quiet is None:
        return []
    if quiet.begin < quiet.end:
        times = [{"start_time": quiet.begin, "end_time": quiet.end}]
    else:
        # No range of Alertmanager's goes over midnight.
        times = [{"start_time": quiet.begin, "end_time": "24:00"}]
        if quiet.end != "00:00":
            times.append({"start_time": "00:00", "end_time": quiet.end})
    intervals: list[dict[str, Any]] = [{"times": times, "location": quiet.timezone}]
    if quiet.weekends:
        intervals.append({"weekdays": ["saturday", "sunday"], "location": quiet.timezone})
    return [{"name": INTERVAL_NAME, "time_intervals": intervals}]


def mute_time_intervals(quiet: QuietHours | None, what: str) -> dict[str, Any]:
    """What a route of `warnings` or `business` has to keep them; nothing where the stack has none for it."""
    return {"mute_time_intervals": [INTERVAL_NAME]} if quiet is not None and getattr(quiet, what) else {}
