"""Which checks prove the way from a rule to a receiver."""

from __future__ import annotations

import pytest

from operations.adopt.proof import failing
from operations.health.model import Check, State, UnknownError, failed, ok, unknown, warning


@pytest.mark.parametrize(
    ("group", "name", "subject", "counts"),
    [
        ("rules", "evaluated", "", True),
        ("routing", "configuration", "", True),
        ("components", "available", "alertmanager", True),
        ("components", "available", "grafana", False),
        ("network connectivity", "prometheus to alertmanager", "", True),
        ("network connectivity", "certificates", "website:443", False),
        ("storage", "free space", "prometheus-0", False),
    ],
)
def test_only_checks_of_the_way_from_a_rule_to_a_receiver_keep_from_handing_over(
    group: str, name: str, subject: str, counts: bool
) -> None:
    check = Check(group=group, name=name, result=failed("1 of 2", "restart it", subject))
    assert list(failing([check])) == ([f"{group}, {name}: 1 of 2"] if counts else [])


def test_unknown_is_not_proven_and_a_warning_is() -> None:
    results = [ok("3"), warning("1", "look"), unknown(UnknownError("no answer", "none"))]
    assert [each.state for each in results] == [State.OK, State.WARNING, State.UNKNOWN]
    checks = [Check(group="rules", name="loaded", result=result) for result in results]
    assert list(failing(checks)) == ["rules, loaded: no answer"]
