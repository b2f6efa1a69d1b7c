"""Every check of the production checklist: ok in a healthy stack, not ok when what it checks is broken or unread."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from common.project import DOCS, PROJECT, RUNBOOKS
from operations.health.checklist import CHECKLIST, evaluate
from operations.health.model import Result, State
from operations.health.reading import Sample
from tests.operations.health.cases import CASES, NEVER_FAILED, REFUSED, SIMULATED, Case, simulated_node
from tests.operations.health.healthy_stack import ALERTMANAGER, NOW, OWN_JOBS, PROMETHEUS, HealthyStack, plan

RUNBOOKS_NAMED: Final = {
    name
    for file in (PROJECT / "operations" / "health").glob("*.py")
    for name in re.findall(r"""runbook\(["'](\w+)["']\)""", file.read_text())
}
PAGE: Final = DOCS / "operations" / "health.md"
FAILED, WARNING, UNKNOWN = State.FAILED, State.WARNING, State.UNKNOWN


def results(stack: HealthyStack, check: str) -> list[Result]:
    only = {group: {check: checks[check]} for group, checks in CHECKLIST.items() if check in checks}
    return [each.result for each in evaluate(plan(), stack.reading(), only)]


def test_every_check_of_a_healthy_stack_is_ok_and_has_a_number() -> None:
    checks = evaluate(plan(), HealthyStack().reading())
    assert [each for each in checks if each.result.state is not State.OK] == []
    assert {(each.group, each.name) for each in checks} == {
        (group, name) for group, evaluations in CHECKLIST.items() for name in evaluations
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.check}-{case.state}-{case.text}"[:60])
def test_a_broken_or_unread_part_is_reported_with_an_action(case: Case) -> None:
    stack = HealthyStack()
    case.change(stack)
    found = [result for result in results(stack, case.check) if result.state is not State.OK]
    assert {result.state for result in found} == {case.state}
    assert any(case.text in result.value for result in found), found
    assert all(result.action for result in found)


def test_every_check_is_made_red_and_unknown_once() -> None:
    names = {name for evaluations in CHECKLIST.values() for name in evaluations}
    states = {name: {case.state for case in CASES if case.check == name} for name in names}
    assert {name for name, found in states.items() if UNKNOWN not in found} == set()
    assert {name for name, found in states.items() if FAILED not in found} == NEVER_FAILED
    assert {name for name in NEVER_FAILED if WARNING not in states[name]} == {"answers"}


def test_actions_lead_to_the_runbooks_of_the_stack() -> None:
    stack = HealthyStack()
    stack.sample("heartbeats", 0)
    (found,) = results(stack, "dead man's switch")
    assert found.action.endswith("https://runbooks.bais.example/runbooks/AlertmanagerNotificationsFailing.md")
    assert [name for name in RUNBOOKS_NAMED if not (RUNBOOKS / f"{name}.md").exists()] == []
    assert len(RUNBOOKS_NAMED) > 10


def test_every_check_is_documented_in_its_group() -> None:
    groups: dict[str, list[str]] = {}
    table = PAGE.read_text().partition("## Checklist")[2].partition("\n- ")[0]
    for cell in re.findall(r"^\| (\*\*[^|]+\*\*|`[^|`]+`) \|", table, re.MULTILINE):
        if cell.startswith("**"):
            groups[cell.strip("*")] = []
        else:
            groups[list(groups)[-1]].append(cell.strip("`"))
    assert groups == {group: list(checks) for group, checks in CHECKLIST.items()}


def test_a_cluster_that_cannot_be_read_has_no_check_that_is_ok() -> None:
    stack = HealthyStack(objects=dict.fromkeys(HealthyStack().objects, REFUSED))
    stack.missing = dict.fromkeys([*PROMETHEUS, *ALERTMANAGER, "grafana-0"], REFUSED)
    assert {each.result.state for each in evaluate(plan(), stack.reading())} == {UNKNOWN}


def test_in_simulated_pods_only_what_the_api_server_knows_is_ok() -> None:
    stack = HealthyStack()
    simulated_node(stack)
    stack.missing = dict.fromkeys([*PROMETHEUS, *ALERTMANAGER, "grafana-0"], SIMULATED)
    checks = evaluate(plan(), stack.reading())
    assert {each.name for each in checks if each.result.state is State.OK} == {
        *("reconciled", "deployed", "accepted", "rejected", "claims")
    }
    others = [each.result for each in checks if each.result.state is not State.OK and each.name != "free space"]
    assert all(result.simulated for result in others)


def test_the_worst_of_all_replicas_counts() -> None:
    stack = HealthyStack()
    stack.prometheus[PROMETHEUS[1]]["samples"]["alerts_undelivered"] = [Sample({}, 9)]
    (found,) = results(stack, "prometheus to alertmanager")
    assert "9 errors" in found.value


def test_a_heartbeat_of_an_alertmanager_that_just_started_counts() -> None:
    stack = HealthyStack()
    stack.sample("heartbeats", 0)
    part = stack.alertmanager[ALERTMANAGER[0]]
    started, recent = (NOW - timedelta(days=2)).timestamp(), (NOW - timedelta(minutes=5)).timestamp()
    part["metrics"] = part["metrics"].replace(str(started), str(recent))
    (found,) = results(stack, "dead man's switch")
    assert found.state is State.OK


def test_a_switched_off_part_needs_no_action_except_the_dead_mans_switch() -> None:
    off = replace(
        plan(),
        grafana_account=None,
        dead_mans_switch=False,
        remote_writes=(),
        tls_endpoints=(),
        has_api_server_target=False,
        components=tuple(each for each in plan().components if each.name not in ("grafana", "prometheus-operator")),
    )
    found = [each for each in evaluate(off, HealthyStack().reading()) if each.result.state is not State.OK]
    assert [(each.name, each.result.state) for each in found] == [("dead man's switch", WARNING)]


def test_an_unexpected_response_is_unknown_and_hides_no_other_check() -> None:
    stack = HealthyStack()
    stack.objects["claims"] = [{}]
    (found,) = results(stack, "claims")
    assert (found.state, "another form than expected" in found.value) == (UNKNOWN, True)
    assert len({each.name for each in evaluate(plan(), stack.reading())}) == sum(map(len, CHECKLIST.values()))


def test_the_jobs_of_the_healthy_stack_are_own_jobs() -> None:
    subjects = {result.subject for result in results(HealthyStack(), "targets")}
    assert subjects >= set(OWN_JOBS)
    assert "theirs of another team" in subjects
