"""Exclusions from lint rules, each with its reason; an unused exclusion is a finding."""

from typing import Final, NamedTuple


class Exclusion(NamedTuple):
    """A rule that does not apply to a board, or to one panel of it."""

    rule: str
    board: str
    panel: str | None
    reason: str


_OBJECTIVE: Final = "an objective belongs to a service, not to the job that scrapes its processes"
_WORKER: Final = "it shows the worker, which has its own job"
_SEVERAL: Final = "it shows several kinds of process, each with its own job"
_OBJECTIVE_PANELS: Final = (
    "Error budget burn rate",
    "Error budget left",
    "Latency budget left",
    "Requests within 200 ms, all jobs and routes",
)
_WORKER_PANELS: Final = ("Failed jobs", "Jobs by queue", "Oldest entry")
_NOT_FIRING: Final = "0 means that the Watchdog does not fire, which is the bad state"
_EXEMPLARS: Final = "the library's own colour of exemplars, which no query requests"

EXCLUSIONS: Final[tuple[Exclusion, ...]] = (
    *(Exclusion("target-job", board, None, _SEVERAL) for board in ("bais-infrastructure", "bais-production")),
    *(Exclusion("target-job", "bais-api", panel, _OBJECTIVE) for panel in _OBJECTIVE_PANELS),
    *(Exclusion("target-job", "bais-api", panel, _WORKER) for panel in _WORKER_PANELS),
    Exclusion("colors-named", "bais-api", "Response times", _EXEMPLARS),
    Exclusion("queries-at-load", "bais-production", None, "an overview of everything, which is read at a glance"),
    Exclusion("zero-while-fresh", "bais-production", "Monitoring", _NOT_FIRING),
    Exclusion("zero-while-fresh", "bais-monitoring", "Watchdog, all namespaces", _NOT_FIRING),
    *(
        Exclusion("thresholds-of-alerts", "bais-business", panel, "the warning has the limit of the critical alert")
        for panel in ("Oldest open payment, all providers", "Oldest undelivered event")
    ),
)
