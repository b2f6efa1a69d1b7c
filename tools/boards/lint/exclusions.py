"""Where a rule does not apply, each with the reason; one that excludes nothing is a finding itself."""

from typing import Final, NamedTuple


class Exclusion(NamedTuple):
    """A rule that does not hold on a board, or only for one panel of it."""

    rule: str
    board: str
    panel: str | None
    reason: str


_OBJECTIVE: Final = "an objective is a service's, whichever job its processes are scraped by"
_WORKER: Final = "it is about the worker, which has a job of its own"
_SEVERAL: Final = "it shows several kinds of process beside each other"
_ADDRESS: Final = "an instance is an address that changes with every pod; "

_WITHOUT_JOB: Final = {
    "bais-business": "it reads three jobs: the API, the worker and the webhook dispatcher",
    "bais-cache": "it is chosen by the cache; all of them have one job",
    "bais-database": "it is chosen by the database; all of them have one job",
    "bais-monitoring": "each panel is about one component of the stack, whose job it names",
}
_WITHOUT_INSTANCE: Final = {
    "bais-api": _ADDRESS + "routes and jobs are chosen",
    "bais-business": _ADDRESS + "nobody asks for the payments of one pod",
    "bais-cache": "the choice of an instance is called cache",
    "bais-database": "the choice of an instance is called database",
    "bais-infrastructure": _ADDRESS + "nodes, workloads and pods are chosen",
    "bais-monitoring": _ADDRESS + "series are named by their pod",
    "bais-production": _ADDRESS + "services are chosen",
    "bais-security": _ADDRESS + "nobody asks for the sign-ins at one pod",
}

_OF_OBJECTIVES: Final = (
    "Requests within 200 ms",
    "Error budget burn rate",
    "Error budget left",
    "Latency budget left",
)
_OF_WORKER: Final = ("Failed jobs", "Jobs by queue", "Oldest job")
_EXEMPLARS: Final = "the library's own colour of exemplars, which no query asks for"

EXCLUSIONS: Final[tuple[Exclusion, ...]] = (
    *(Exclusion("template-job", board, None, reason) for board, reason in _WITHOUT_JOB.items()),
    *(Exclusion("target-job", board, None, reason) for board, reason in _WITHOUT_JOB.items()),
    *(Exclusion("template-instance", board, None, reason) for board, reason in _WITHOUT_INSTANCE.items()),
    *(Exclusion("target-instance", board, None, reason) for board, reason in _WITHOUT_INSTANCE.items()),
    *(Exclusion("target-job", board, None, _SEVERAL) for board in ("bais-infrastructure", "bais-production")),
    *(Exclusion("target-job", "bais-api", panel, _OBJECTIVE) for panel in _OF_OBJECTIVES),
    *(Exclusion("target-job", "bais-api", panel, _WORKER) for panel in _OF_WORKER),
    Exclusion("colors-named", "bais-api", "Response times", _EXEMPLARS),
)
