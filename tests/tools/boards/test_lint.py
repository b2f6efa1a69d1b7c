"""Tests that the dashboard lint reports no findings, and that each rule finds a planted problem."""

import copy
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import pytest

from tools.boards.lint import EXCLUSIONS, NOT_APPLICABLE, RULES, UNUSED, findings
from tools.boards.lint.available import available_from_catalogue
from tools.boards.lint.exclusions import Exclusion
from tools.boards.lint.model import Subject
from tools.boards.rendered_boards import BOARDS

PRODUCTION: Final = "bais-production"
Board = dict[str, Any]
Change = Callable[[Board], object]
# The rules of grafana/dashboard-linter 0.2.0.
PUBLIC_RULES: Final = (
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
    """A problem to plant on a board; `before` first makes the rule applicable to the board."""

    problem: Change
    before: Change = lambda board: None
    uid: str = "bais-cache"


def first(board: Board, kind: str = "") -> dict[str, Any]:
    """Return the first panel of a type, or of any type."""
    found: dict[str, Any] = next(
        panel for panel in board["panels"] if panel["type"] != "row" and kind in ("", panel["type"])
    )
    return found


def limited(board: Board) -> dict[str, Any]:
    """Return the first panel with thresholds."""
    return next(panel for panel in board["panels"] if panel["type"] != "row" and len(steps(panel)) > 1)


def steps(panel: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    return found


def replace_panels(query: str, legend: str = "x") -> Change:
    """Leave one panel on the board, with this query."""

    def change(board: Board) -> None:
        panel = first(board, "timeseries")
        panel["targets"] = [{**panel["targets"][0], "expr": query, "legendFormat": legend}]
        board["panels"] = [panel]

    return change


def rename_variable(name: str) -> Change:
    """Rename the last variable of the board."""
    return lambda board: board["templating"]["list"][-1].update(name=name, label=name.title())


def select_by(name: str) -> Change:
    """Leave one panel on the board, filtered by a variable for this label."""

    def change(board: Board) -> None:
        rename_variable(name)(board)
        replace_panels(f'redis_up{{{name}=~"${name}"}}')(board)

    return change


def change_variable(**fields: Any) -> Change:
    """Change fields of the last variable of the board."""
    return lambda board: board["templating"]["list"][-1].update(fields)


def titled(board: Board, title: str) -> dict[str, Any]:
    """Return the panel with a title."""
    return next(panel for panel in board["panels"] if panel["title"] == title)


def fields(panel: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = panel["fieldConfig"]
    return found


def defaults(panel: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = fields(panel)["defaults"]
    return found


def many_queries(board: Board) -> list[dict[str, Any]]:
    """Return more queries than a board may run when it opens."""
    (target, *_) = titled(board, "Memory in use")["targets"]
    return [{**target, "refId": f"A{number}"} for number in range(30)]


PLANTS: Final[dict[str, Plant]] = {
    "unique-boards": Plant(lambda board: board.update(title=BOARDS["bais-api"]["title"])),
    "unique-ids": Plant(lambda board: first(board).update(id=board["panels"][-1]["id"])),
    "grid": Plant(lambda board: first(board)["gridPos"].update(x=first(board)["gridPos"]["x"] + 1)),
    "header": Plant(lambda board: board.update(timezone="browser")),
    "size": Plant(lambda board: board.update(description="x" * 256 * 1024)),
    "uneditable-dashboard": Plant(lambda board: board.update(editable=True)),
    "template-datasource": Plant(lambda board: board["templating"]["list"].pop(0)),
    "template-job": Plant(rename_variable("other"), before=select_by("job")),
    "template-instance": Plant(rename_variable("other"), before=select_by("instance")),
    "template-label-promql": Plant(change_variable(query="label_values(redis_up{, service)")),
    "template-on-time-change-reload": Plant(change_variable(refresh=1)),
    "template-all": Plant(change_variable(allValue=".+")),
    "variables-defined": Plant(replace_panels('redis_up{instance=~"$cash"}')),
    "variables-used": Plant(replace_panels("redis_up")),
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
    "target-promql": Plant(replace_panels("sum(")),
    "target-rate-interval": Plant(
        replace_panels("rate(redis_evicted_keys_total[5m])"), before=replace_panels("redis_up")
    ),
    "windows": Plant(replace_panels("avg_over_time(redis_up[1m])")),
    "target-job": Plant(replace_panels("redis_up"), before=select_by("job")),
    "target-instance": Plant(replace_panels("redis_up"), before=select_by("instance")),
    "target-counter-agg": Plant(replace_panels('sum(redis_evicted_keys_total{instance=~"$cache"})')),
    "metrics-available": Plant(replace_panels("redis_upp")),
    "legend": Plant(replace_panels("sum by (job) (redis_up)", legend="{{instance}}")),
    "links": Plant(
        lambda board: board["links"].append({"type": "link", "url": "/d/bais-cash", "tags": []}),
    ),
    "dashboard-links": Plant(lambda board: board["links"][0].update(keepTime=False)),
    "queries-at-load": Plant(lambda board: titled(board, "Memory in use").update(targets=many_queries(board))),
    "alerts-open-history": Plant(lambda board: titled(board, "Memory in use").update(type="stat")),
    "present-only": Plant(
        lambda board: first(board, "stat")["options"]["reduceOptions"].update(calcs=["lastNotNull"]), uid=PRODUCTION
    ),
    "zero-while-fresh": Plant(
        lambda board: titled(board, "Error rate")["targets"][0].update(expr="sum(up) or vector(0)"),
        before=lambda board: board["panels"].remove(titled(board, "Monitoring")),
        uid=PRODUCTION,
    ),
    "judged-while-fresh": Plant(
        lambda board: titled(board, "Error rate")["targets"][0].update(expr="sum(up)"), uid=PRODUCTION
    ),
    "unknown-is-gray": Plant(
        lambda board: fields(titled(board, "Error rate"))["defaults"].update(mappings=[]), uid=PRODUCTION
    ),
    "enums-known": Plant(lambda board: first(board, "stat")["options"].update(colorMode="glow"), uid=PRODUCTION),
    "single-name-kept": Plant(lambda board: defaults(first(board, "bargauge")).pop("displayName"), uid="bais-api"),
    "bars-have-maximum": Plant(lambda board: defaults(first(board, "bargauge")).pop("max"), uid="bais-api"),
    "headings-readable": Plant(
        lambda board: first(board, "table")["transformations"][-1]["options"]["renameByName"].pop("route"),
        uid="bais-api",
    ),
    "sums-named-by-title": Plant(
        lambda board: titled(board, "Error rate")["targets"][0].update(legendFormat="errors"), uid=PRODUCTION
    ),
    "states-have-room": Plant(lambda board: first(board, "state-timeline")["gridPos"].update(w=4)),
    "fill-only-stacked": Plant(lambda board: defaults(titled(board, "Memory in use"))["custom"].update(fillOpacity=10)),
    "outcomes-colored": Plant(
        lambda board: fields(titled(board, "Payments by outcome")).update(overrides=[]), uid=PRODUCTION
    ),
    "usual-levels-dashed": Plant(
        lambda board: fields(titled(board, "Failed sign-ins")).update(overrides=[]), uid="bais-security"
    ),
    "limits-color-lines": Plant(lambda board: defaults(titled(board, "Memory in use")).pop("color")),
    "lower-limits-alarm": Plant(lambda board: titled(board, "Hit ratio")["targets"].pop()),
    "legends-sorted": Plant(lambda board: titled(board, "Memory in use")["options"]["legend"].update(sortBy="Max")),
    "axis-bounded": Plant(lambda board: defaults(titled(board, "Evictions"))["custom"].pop("axisSoftMax")),
    "durations-round": Plant(
        lambda board: defaults(titled(board, "Age of the last snapshot")).update(unit="s"),
        before=lambda board: steps(titled(board, "Age of the last snapshot"))[1].update(value=86400),
    ),
    "few-series": Plant(
        lambda board: titled(board, "Slowest routes, top 10")["targets"][0].update(
            expr="sum by (route) (http_requests_total)"
        ),
        uid="bais-api",
    ),
    "scope-in-titles": Plant(
        lambda board: titled(board, "Error rate, all routes").update(title="Error rate"), uid="bais-api"
    ),
    "annotations-are-marks": Plant(lambda board: board["annotations"]["list"][1].update(enable=True)),
}


def steps_of(panel: dict[str, Any]) -> list[dict[str, Any]]:
    return steps(panel) if panel["type"] != "row" else []


def messages(rule: str, board: Board) -> list[str]:
    """Return the messages of a rule on a board, among the others and without exclusions."""
    others = [other for uid, other in BOARDS.items() if uid != board["uid"]]
    return [sentence for _, sentence in RULES[rule](Subject(board, [board, *others], AVAILABLE))]


@pytest.mark.parametrize("uid", BOARDS)
def test_lint_has_no_findings(uid: str) -> None:
    assert [str(finding) for finding in ALL if finding.board == uid] == []


def test_every_finding_is_on_a_rendered_board() -> None:
    assert {finding.board for finding in ALL} <= set(BOARDS), "remove the exclusions of boards that do not exist"


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_finds_its_planted_problem(rule: str) -> None:
    plant = PLANTS[rule]
    board = copy.deepcopy(dict(BOARDS[plant.uid]))
    plant.before(board)
    assert messages(rule, board) == []
    plant.problem(board)
    assert messages(rule, board)


def test_every_public_rule_is_implemented_or_excluded_with_a_reason() -> None:
    assert set(PUBLIC_RULES) - set(RULES) == set(NOT_APPLICABLE)
    assert all(NOT_APPLICABLE.values())


def test_an_unused_exclusion_is_a_finding() -> None:
    unused = Exclusion("grid", "bais-cache", None, "no reason")
    (finding,) = findings(exclusions=[unused], rules=["grid"])
    assert (finding.rule, finding.board) == (UNUSED, "bais-cache")


def test_an_exclusion_of_a_panel_does_not_apply_to_other_panels() -> None:
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
AVAILABLE: Final = available_from_catalogue()
