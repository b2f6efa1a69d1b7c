"""Reviews: read Prometheus and Alertmanager, then build the sections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from operations.review import prometheus, ranking, readings
from operations.review.data import ReviewData
from operations.review.formats import duration, moment
from operations.review.model import Review, Section
from operations.review.period import Period
from operations.review.prometheus import Prometheus, QueryError, Rule, UnreachableError
from operations.review.queries import Scope
from operations.review.readings import UnknownError
from operations.review.sections import (
    alerts,
    budgets,
    cardinality,
    never_fired,
    noise,
    notifications,
    pages,
    resources,
    rule_groups,
    security,
    silences,
    storage,
)
from operations.review.stack import ReviewedStack

# In the order of the report.
SECTIONS: Final[Mapping[str, Callable[[ReviewData], Section]]] = {
    module.TITLE: module.section
    for module in (
        *(alerts, pages, noise, never_fired, notifications, silences),
        *(budgets, rule_groups, cardinality, storage, resources, security),
    )
}
# From this share of the period with data, its figures are those of the period.
_COMPLETE: Final = 0.99


def read(stack: ReviewedStack, period: Period, now: int, prometheus_url: str, alertmanager_url: str) -> ReviewData:
    """Read everything that a review is made of.

    Raises:
        UnreachableError: Prometheus does not respond. If only Alertmanager does not, its silences are unknown.
    """
    scope = Scope(period=period.name, step=period.step, stack=stack.namespaces, services=stack.services)
    server = Prometheus(prometheus_url)
    return ReviewData(
        period=period,
        scope=scope,
        readings=readings.read(server, period, scope),
        rules=_rules(server),
        catalogue=stack.catalogue,
        disabled=stack.disabled,
        objectives=stack.objectives,
        night=stack.night,
        silences=_silences(alertmanager_url),
        now=now,
    )


def build(stack: str, data: ReviewData) -> Review:
    """Return the review."""
    sections = tuple(_section(title, data) for title in SECTIONS)
    return Review(
        stack=stack,
        period=data.period,
        data=_coverage(data),
        worst=ranking.worst(finding for section in sections for finding in section.findings),
        sections=sections,
    )


def _rules(server: Prometheus) -> Sequence[Rule] | str:
    try:
        return server.rules()
    except QueryError as error:
        return f"the rules cannot be read: {error}"


def _silences(url: str) -> Sequence[Mapping[str, Any]] | str:
    if not url:
        return "the stack has no links.alertmanager, and no address is given (ALERTMANAGER=URL)"
    try:
        return prometheus.silences(url)
    except UnreachableError as error:
        return str(error)


def _section(title: str, data: ReviewData) -> Section:
    try:
        return SECTIONS[title](data)
    except UnknownError as error:
        return Section(title=title, conclusion="Unknown.", unknown=(str(error),), known=False)


def _coverage(data: ReviewData) -> str:
    """Return how much of the period has data, in one sentence."""
    try:
        seconds = data.seconds_with_data
    except UnknownError as error:
        return f"Unknown: {error}."
    if seconds >= data.period.seconds * _COMPLETE:
        return "Prometheus has data for the whole period."
    parts = "" if len(data.with_data) == 1 else f" in {len(data.with_data)} parts"
    first, last = data.with_data[0][0], data.with_data[-1][1]
    return (
        f"The period is longer than the data: Prometheus has {duration(seconds)} of {data.period.words}{parts}, "
        f"from {moment(first)} to {moment(last)} UTC. All figures are of that time."
    )
