"""Quiet hours: time intervals of Alertmanager and the routes muted in them."""

from typing import Any, Final

from settings.notifications import QuietHours

INTERVAL_NAME: Final = "quiet-hours"


def time_intervals(quiet_hours: QuietHours | None) -> list[dict[str, Any]]:
    """Return Alertmanager's `time_intervals`; empty without quiet hours."""
    if quiet_hours is None:
        return []
    if quiet_hours.begin < quiet_hours.end:
        times = [{"start_time": quiet_hours.begin, "end_time": quiet_hours.end}]
    else:
        # A range of Alertmanager cannot span midnight.
        times = [{"start_time": quiet_hours.begin, "end_time": "24:00"}]
        if quiet_hours.end != "00:00":
            times.append({"start_time": "00:00", "end_time": quiet_hours.end})
    intervals: list[dict[str, Any]] = [{"times": times, "location": quiet_hours.timezone}]
    if quiet_hours.weekends:
        intervals.append({"weekdays": ["saturday", "sunday"], "location": quiet_hours.timezone})
    return [{"name": INTERVAL_NAME, "time_intervals": intervals}]


def mute_time_intervals(quiet_hours: QuietHours | None, kind: str) -> dict[str, Any]:
    """Return the field that mutes a route in quiet hours; empty if they do not apply.

    `kind` is a flag of the settings: `warnings` or `business`.
    """
    return {"mute_time_intervals": [INTERVAL_NAME]} if quiet_hours is not None and getattr(quiet_hours, kind) else {}
