"""The lint finds nothing on the boards, and each of its rules finds what was planted for it."""

import copy
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import pytest

from tools.boards.lint import EXCLUSIONS, NOT_APPLICABLE, RULES, UNUSED, findings
from tools.boards.lint.exclusions import Exclusion
from tools.boards.lint.known import known_of_catalogue
from tools.boards.lint.model import Subject
from tools.boards.rendered_boards import BOARDS

Board = dict[str, Any]
Change = Callable[[Board], object]
# Of grafana/dashboard-linter 0.2.0.
PUBLIC: Final = (
    "panel-datasource",
    "panel-no-targets",
    "panel-title-description",
    "panel-units",
    "target-counter-agg",
    "target-instance",
    "target-job",
    "target-logql",
    "target-logql-auto",
    "target-promql",
    "target-rate-interval",
    "template-datasource",
    "template-instance",
    "template-job",
    "template-label-promql",
    "template-on-time-change-reload",
    "uneditable-dashboard",
)


class Plant(NamedTuple):
    """What is wrong about a board; `before` makes it one that the rule can apply to."""

    problem: Change
    before: Change = lambda board: None
    uid: str = "bais-cache"


def first(board: Board, kind: str = "") -> dict[str, Any]:
    """The first panel of a kind, or of any."""
    found: dict[str, Any] = next(
        panel for panel in board["panels"] if panel["type"] != "row" and kind in ("", panel["type"])
    )
    return found


def limited(board: Board) -> dict[str, Any]:
    """The first panel with thresholds."""
    return next(panel for panel in board["panels"] if panel["type"] != "row" and len(steps(panel)) > 1)


def steps(panel: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    return found


def asks(query: str, legend: str = "x") -> Change:
    """Have the only panel of the board ask this."""

    def change(board: Board) -> None:
        panel = first(board, "timeseries")
        panel["targets"] = [{**panel["targets"][0], "expr": query, "legendFormat": legend}]
        board["panels"] = [panel]

    return change


def calls(name: str) -> Change:
    """Have the choice of the cache be called otherwise."""
    return lambda board: board["templating"]["list"][-1].update(name=name, label=name.title())


def choice(**fields: Any) -> Change:
    return lambda board: board["templating"]["list"][-1].update(fields)


PLANTS: Final[dict[str, Plant]] = {
    "unique-boards": Plant(lambda board: board.update(title=BOARDS["bais-api"]["title"])),
    "unique-ids": Plant(lambda board: first(board).update(id=board["panels"][-1]["id"])),
    "grid": Plant(lambda board: first(board)["gridPos"].update(x=first(board)["gridPos"]["x"] + 1)),
    "header": Plant(lambda board: board.update(timezone="browser")),
    "size": Plant(lambda board: board.update(description="x" * 256 * 1024)),
    "uneditable-dashboard": Plant(lambda board: board.update(editable=True)),
    "template-datasource": Plant(lambda board: board["templating"]["list"].pop(0)),
    "template-job": Plant(calls("other"), before=calls("job")),
    "template-instance": Plant(calls("other"), before=calls("instance")),
    "template-label-promql": Plant(choice(query="label_values(redis_up{, service)")),
    "template-on-time-change-reload": Plant(choice(refresh=1)),
    "template-all": Plant(choice(allValue=".+")),
    "variables-defined": Plant(asks('redis_up{instance=~"$cash"}')),
    "variables-used": Plant(asks("redis_up")),
    "panel-datasource": Plant(lambda board: first(board)["targets"][0].update(datasource={"uid": "prometheus"})),
    "panel-title-description": Plant(lambda board: first(board).update(description=first(board)["title"])),
    "panel-units": Plant(lambda board: first(board)["fieldConfig"]["defaults"].update(unit="seconds")),
    "panel-no-targets": Plant(lambda board: first(board).update(targets=[])),
    "thresholds-rise": Plant(lambda board: steps(limited(board)).reverse()),
    "thresholds-sane": Plant(
        lambda board: (
            limited(board)["fieldConfig"]["defaults"].update(unit="percentunit")
            or steps(limited(board))[1].update(value=80)
        )
    ),
    "thresholds-of-alerts": Plant(
        lambda board: [step.update(value=-7) for panel in board["panels"] for step in steps_of(panel)[1:]]
    ),
    "colors-named": Plant(lambda board: steps(limited(board))[1].update(color="#FF0000")),
    "colors-readable": Plant(
        lambda board: first(board, "stat")["options"].update(colorMode="glow"), uid="bais-production"
    ),
    "no-sum-of-rates": Plant(
        lambda board: first(board, "timeseries")["options"]["legend"].update(calcs=["sum"]),
    ),
    "target-promql": Plant(asks("sum(")),
    "target-rate-interval": Plant(asks("rate(redis_evicted_keys_total[5m])"), before=asks("redis_up")),
    "windows": Plant(asks("avg_over_time(redis_up[1m])")),
    "target-job": Plant(asks("redis_up"), before=asks('redis_up{job=~"$job"}')),
    "target-instance": Plant(asks("redis_up"), before=asks('redis_up{instance=~"$instance"}')),
    "target-counter-agg": Plant(asks('sum(redis_evicted_keys_total{instance=~"$cache"})')),
    "metrics-known": Plant(asks("redis_upp")),
    "legend": Plant(asks("sum by (job) (redis_up)", legend="{{instance}}")),
    "links": Plant(
        lambda board: board["links"].append({"type": "link", "url": "/d/bais-cash", "tags": []}),
    ),
    "siblings": Plant(lambda board: board["links"][0].update(keepTime=False)),
}


def steps_of(panel: dict[str, Any]) -> list[dict[str, Any]]:
    return steps(panel) if panel["type"] != "row" else []


def found(rule: str, board: Board) -> list[str]:
    """What a rule finds on a board among the others, without any exclusion."""
    others = [other for uid, other in BOARDS.items() if uid != board["uid"]]
    return [sentence for _, sentence in RULES[rule](Subject(board, [board, *others], KNOWN))]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("uid", BOARDS)
def test_the_lint_finds_nothing(uid: str, rule: str) -> None:
    assert [str(finding) for finding in ALL if (finding.board, finding.rule) == (uid, rule)] == []


def test_no_exclusion_is_idle() -> None:
    assert [str(finding) for finding in ALL if finding.rule == UNUSED] == []


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_what_was_planted_for_it(rule: str) -> None:
    plant = PLANTS[rule]
    board = copy.deepcopy(dict(BOARDS[plant.uid]))
    plant.before(board)
    assert found(rule, board) == []
    plant.problem(board)
    assert found(rule, board)


def test_every_public_rule_is_there_or_does_not_apply_for_a_reason() -> None:
    assert set(PUBLIC) - set(RULES) == set(NOT_APPLICABLE)
    assert all(NOT_APPLICABLE.values())


def test_an_exclusion_that_excludes_nothing_is_found() -> None:
    idle = Exclusion("grid", "bais-cache", None, "no reason")
    (finding,) = findings(exclusions=[idle], rules=["grid"])
    assert (finding.rule, finding.board) == (UNUSED, "bais-cache")


def test_an_exclusion_of_a_panel_leaves_the_other_panels() -> None:
    board = copy.deepcopy(dict(BOARDS["bais-cache"]))
    broken = [panel for panel in board["panels"] if panel["type"] != "row"][:2]
    for panel in broken:
        panel["targets"] = []
    excluded = Exclusion("panel-no-targets", "bais-cache", broken[0]["title"], "no reason")
    (finding,) = findings([board], exclusions=[excluded], rules=["panel-no-targets"])
    assert finding.place == broken[1]["title"]


def test_every_exclusion_has_a_reason() -> None:
    assert [exclusion for exclusion in EXCLUSIONS if not exclusion.reason] == []


ALL: Final = findings()
KNOWN: Final = known_of_catalogue()
