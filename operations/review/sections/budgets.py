"""Section: error budgets of the SLOs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from catalogue.objectives import Objective
from common.words import counted
from operations.review import charts
from operations.review.data import ReviewData
from operations.review.formats import days, listed, moment, share
from operations.review.model import Chart, Column, Finding, Impact, Kind, Section, table
from operations.review.prometheus import Series
from operations.review.readings import UnknownError

TITLE: Final = "Error budgets"
# Days over which an objective holds (catalogue/slos.py).
_OBJECTIVE_DAYS: Final = 30
_COLUMNS: Final = (
    Column("objective"),
    Column("service"),
    Column("left", Kind.SHARE),
    Column("burn rate, 3 days"),
    Column("exhausted"),
)


@dataclass(frozen=True)
class _Budget:
    """An error budget.

    Attributes:
        objective: Its objective.
        service: Namespace and name of the service.
        series: The share that is left, over time.
        burn: Speed at which failures of the last three days spend it; 1 spends it in 30 days, None is unknown.
    """

    objective: Objective
    service: str
    series: Series
    burn: float | None

    @property
    def left(self) -> float:
        return self.series.last

    @property
    def days_left(self) -> float | None:
        """Return in how many days it is exhausted at this pace; None if it is not, or if that is unknown."""
        # At a burn rate of up to 1, it recovers as fast as it is spent.
        if self.burn is None or self.burn <= 1 or self.left <= 0:
            return None
        return self.left * _OBJECTIVE_DAYS / self.burn

    @property
    def exhausted(self) -> str:
        if self.left > 0:
            if self.burn is None:
                return "unknown"
            return "not at this pace" if self.days_left is None else f"in {days(self.days_left)} at this pace"
        since = min(self.series.values)
        for at in sorted(self.series.values, reverse=True):
            if self.series.values[at] > 0:
                break
            since = at
        # Samples are some minutes apart, so the time is the latest at which it was.
        word = "before" if since == min(self.series.values) else "by"
        return f"{word} {moment(since)} UTC"


def section(data: ReviewData) -> Section:
    """Return what is left of each error budget, the least first."""
    objectives = {objective.name: objective for objective in data.objectives}
    burns = _burns(data)
    budgets = sorted(
        (
            _Budget(objectives[slo], service, one, burns.get((slo, service)))
            for one in data.readings.series("budgets")
            if (slo := one.labels["slo"]) in objectives and (service := _service(one.labels))
        ),
        key=lambda budget: (budget.left, budget.objective.name, budget.service),
    )
    if not budgets:
        raise UnknownError("the recorded error budgets are of other objectives")
    exhausted = [budget for budget in budgets if budget.left <= 0]
    if exhausted:
        names = [f"{budget.objective.name} of {budget.service} ({share(budget.left)})" for budget in exhausted]
        conclusion = f"{len(exhausted)} of {counted(len(budgets), 'error budget')} exhausted: {listed(names)}."
    else:
        least = budgets[0]
        conclusion = (
            f"No error budget is exhausted; least is left of {least.objective.name} of {least.service}, "
            f"{share(least.left)}."
        )
    missing = sorted(set(objectives) - {budget.objective.name for budget in budgets})
    rows = [
        (
            f"{budget.objective.name} ({budget.objective.objective * 100:g} %)",
            budget.service,
            budget.left,
            "unknown" if budget.burn is None else f"{budget.burn:.2g}",
            budget.exhausted,
        )
        for budget in budgets
    ]
    return Section(
        title=TITLE,
        conclusion=conclusion,
        tables=(table(_COLUMNS, rows),),
        charts=(Chart("budgets", "Error budgets left", _chart(budgets)),),
        findings=tuple(finding for budget in budgets if (finding := _finding(budget))),
        unknown=(f"no data of the objectives {listed(missing)}",) if missing else (),
    )


def _service(labels: Mapping[str, str]) -> str:
    return f"{labels.get('namespace', '')}/{labels.get('service', '')}"


def _burns(data: ReviewData) -> dict[tuple[str, str], float]:
    # Without it, the budgets are known but not when they are exhausted.
    if "failures" not in data.readings.found:
        return {}
    budgets = {objective.name: 1 - objective.objective for objective in data.objectives}
    return {
        (slo, _service(one.labels)): one.last / budgets[slo]
        for one in data.readings.series("failures")
        if (slo := one.labels["slo"]) in budgets
    }


def _chart(budgets: list[_Budget]) -> str:
    lines = {f"{budget.objective.name}, {budget.service}": budget.series.values for budget in budgets}
    return charts.lines("Error budgets left; below 0 % they are exhausted", lines, charts.percent, reference=0)


def _finding(budget: _Budget) -> Finding | None:
    objective = budget.objective
    name = f"The error budget {objective.name} of {budget.service}"
    if budget.left <= 0:
        text = f"{name} is exhausted: {share(budget.left)} left. {objective.impact}"
        return Finding(Impact.BUDGET_EXHAUSTED, -budget.left, objective.area, text)
    if budget.days_left is not None:
        text = f"{name} will be exhausted in {days(budget.days_left)} at the pace of the last three days."
        return Finding(Impact.BUDGET_EXHAUSTED_SOON, -budget.days_left, objective.area, text)
    return None
