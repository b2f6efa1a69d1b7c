"""From an alert to its panel and back, and both with the same limits."""

import re
from collections.abc import Mapping
from typing import Any, Final

import pytest

from catalogue.panel_links import link_parts, panel_id, panel_link
from dashboards import stack
from dashboards.model import Board
from tools.boards.lint.known import NOT_SHOWN
from tools.boards.rendered_boards import BOARDS, CATALOGUE, PANELS, RULES, panel_name

DECLARED: Final = {board.uid: board for board in stack.BOARDS}
PLACES: Final = {name: link_parts(alert.annotations["dashboard_url"]) for name, alert in CATALOGUE.alerts.items()}
each_alert = pytest.mark.parametrize("name", PLACES)
each_panel = pytest.mark.parametrize(("uid", "panel"), PANELS, ids=panel_name)
each_declared = pytest.mark.parametrize("board", stack.BOARDS, ids=lambda board: board.uid)


def showing(name: str) -> set[tuple[str, str]]:
    """The panels, as uid and slug, that show an alert: the one that it opens and those that have a limit of its."""
    having = {
        (uid, slug)
        for uid, board in DECLARED.items()
        for slug, panel in board.panels.items()
        if {tunable for _, tunable in panel.tunables} & set(CATALOGUE.alerts[name].tunables)
    }
    return {PLACES[name], *having}


def naming(name: str) -> set[tuple[str, str]]:
    """The panels, as uid and slug, whose description names an alert with its runbook."""
    slugs = {(uid, panel_id(slug)): slug for uid, board in DECLARED.items() for slug in board.panels}
    words = f"[{name}](https://git.example.com/bais/runbooks/{name}.md)"
    return {(uid, slugs[uid, panel["id"]]) for uid, panel in PANELS if words in panel["description"]}


@each_alert
def test_an_alert_opens_a_panel_that_exists(name: str) -> None:
    uid, slug = PLACES[name]
    assert uid in DECLARED, f"{name} leads to {uid}; there are {', '.join(DECLARED)}"
    slugs = sorted(DECLARED[uid].panels)
    assert slug in slugs, f"{name} leads to {slug}; {uid} has {', '.join(slugs)}"


def test_a_rendered_link_is_one_that_grafana_opens() -> None:
    links = {
        rule["alert"]: rule["annotations"]["dashboard_url"]
        for area in RULES.values()
        for group in area["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    assert set(links) == set(PLACES)
    for name, link in links.items():
        found = re.fullmatch(r"https://grafana\.example\.com/d/([a-z-]+)\?viewPanel=panel-(\d+)({{ .+ }})?", link)
        assert found, link
        assert int(found[2]) in {panel["id"] for panel in BOARDS[found[1]]["panels"]}, name


@each_alert
def test_an_alert_is_named_with_its_runbook_on_the_panels_that_show_it_and_on_no_other(name: str) -> None:
    assert naming(name) == showing(name)


def test_a_panel_names_what_has_its_limits_although_it_opens_another() -> None:
    assert ("bais-api", "routes") in naming("ApiLatencyP95High")
    assert ("bais-production", "payment-success-now") in naming("PaymentFailureRateHigh")


@each_panel
def test_a_panel_names_alerts_only_with_links_to_their_runbooks(uid: str, panel: Mapping[str, Any]) -> None:
    _, _, named = panel["description"].partition("Alerts: ")
    linked = re.findall(r"\[(\w+)\]\(https://git\.example\.com/bais/runbooks/(\w+)\.md\)", named)
    assert all(name == runbook and name in CATALOGUE.alerts for name, runbook in linked)
    assert [name for name, _ in linked] == sorted(name for name, _ in linked)
    rest = re.sub(r"\[\w+\]\([^)]*\)", "", named)
    assert not re.sub(r"[ ,.]", "", rest), rest


@each_alert
def test_every_limit_of_an_alert_is_one_of_its_panel(name: str) -> None:
    uid, slug = PLACES[name]
    shown = {number for _, number in DECLARED[uid].panels[slug].tunables}
    assert set(CATALOGUE.alerts[name].tunables) - shown - set(NOT_SHOWN) == set()


@each_declared
def test_every_limit_of_a_panel_is_as_grave_as_the_alert_that_has_it(board: Board) -> None:
    for panel in board.panels.values():
        for limit, number in panel.tunables:
            having = [alert for alert in CATALOGUE.alerts.values() if number in alert.tunables]
            grave = {alert.severity in ("critical", "none") for alert in having}
            assert (limit == "critical") in grave, f"{panel.slug}: {number} as {limit}"


def test_only_numbers_of_alerts_are_excused() -> None:
    assert set(NOT_SHOWN) <= set(CATALOGUE.tunables)


def test_a_link_is_taken_apart_and_made_one_for_grafana() -> None:
    assert link_parts("d/bais-cache?viewPanel=memory") == ("bais-cache", "memory")
    assert panel_link("d/bais-infrastructure?viewPanel=targets-down") == "d/bais-infrastructure?viewPanel=panel-736762"


@pytest.mark.parametrize("link", ["d/bais-cache", "d/bais-cache?viewPanel=7", "https://x/d/a?viewPanel=b"])
def test_what_is_no_link_to_a_panel_is_refused(link: str) -> None:
    with pytest.raises(ValueError, match=re.escape(link)):
        link_parts(link)
