"""The order of the worst problems."""

from __future__ import annotations

from operations.review.model import Finding, Impact
from operations.review.ranking import ORDER, worst


def finding(impact: Impact, weight: float, area: str) -> Finding:
    return Finding(impact, weight, area, f"{impact.name} {weight:g}")


def test_problems_are_ordered_by_kind_and_then_by_size() -> None:
    findings = [
        finding(Impact.CRITICAL_ALERT, 3600, "database"),
        finding(Impact.CRITICAL_ALERT, 7200, "infrastructure"),
        finding(Impact.BUDGET_EXHAUSTED, 0.1, "payments"),
        finding(Impact.BUDGET_EXHAUSTED, 3, "api"),
    ]
    assert [each.area for each in worst(findings)] == ["api", "payments", "infrastructure"]


def test_an_area_is_one_problem_with_its_findings_the_worst_first() -> None:
    findings = [
        finding(Impact.NOISE, 5, "api"),
        finding(Impact.CRITICAL_ALERT, 60, "api"),
        finding(Impact.BUDGET_EXHAUSTED, 3, "api"),
        finding(Impact.BUDGET_EXHAUSTED, 9, "api"),
    ]
    (found,) = worst(findings)
    assert found.text == "BUDGET_EXHAUSTED 9 BUDGET_EXHAUSTED 3 CRITICAL_ALERT 60"


def test_without_findings_there_is_no_problem() -> None:
    assert worst([]) == ()


def test_the_stated_order_names_every_kind() -> None:
    assert [impact for impact in Impact if impact.value not in ORDER] == []
