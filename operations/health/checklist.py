"""The production checklist: every check by group, in the order of the report."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from operations.health import (
    boards,
    collecting,
    components,
    network,
    resource_use,
    routing,
    rules,
    service_monitors,
    storage,
)
from operations.health.model import Check, Result, UnknownError, unknown
from operations.health.plan import HealthPlan
from operations.health.reading import Reading

Evaluation = Callable[[HealthPlan, Reading], Iterator[Result]]
# Checks by name, by group.
Checklist = Mapping[str, Mapping[str, Evaluation]]

CHECKLIST: Final[Checklist] = {
    "components": {
        "available": components.availability,
        "reconciled": components.reconciled,
        "answers": components.answers,
    },
    "collecting": {"targets": collecting.targets},
    "dashboards": {"deployed": boards.deployed, "grafana": boards.grafana},
    "routing": {
        "alertmanager cluster": routing.cluster,
        "configuration": routing.configuration,
        "notifications": routing.notifications,
        "dead man's switch": routing.heartbeat,
        "silences": routing.silences,
    },
    "rules": {
        "accepted": rules.accepted,
        "loaded": rules.loaded,
        "evaluated": rules.evaluated,
        "speed": rules.speed,
    },
    "service monitors": {"picked up": service_monitors.monitors, "rejected": service_monitors.rejections},
    "storage": {
        "claims": storage.claims,
        "free space": storage.space,
        "remote write": storage.remote_write,
    },
    "network connectivity": {
        "prometheus to alertmanager": network.prometheus_to_alertmanager,
        "prometheus to operator": network.prometheus_to_operator,
        "grafana to prometheus": network.grafana_to_prometheus,
        "grafana to alertmanager": network.grafana_to_alertmanager,
        "certificates": network.certificates,
        "client certificates": network.client_certificates,
    },
    "resource use": {"series": resource_use.series, "memory": resource_use.memory},
}


def evaluate(plan: HealthPlan, reading: Reading, checklist: Checklist = CHECKLIST) -> list[Check]:
    """Return the results of all checks, at least one per check."""
    return [
        Check(group=group, name=name, result=result)
        for group, checks in checklist.items()
        for name, evaluation in checks.items()
        for result in _results(evaluation, plan, reading)
    ]


def _results(evaluation: Evaluation, plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    try:
        results = list(evaluation(plan, reading))
        yield from results or [unknown(UnknownError("nothing was found to check", "see the group components"))]
    except UnknownError as error:
        yield unknown(error)
    except (LookupError, TypeError, ValueError) as error:
        # A response in another form than expected, such as one of another version.
        text = f"a response has another form than expected: {error or type(error).__name__}"
        yield unknown(UnknownError(text, "report it with the output of --json: it is an error of this check"))
