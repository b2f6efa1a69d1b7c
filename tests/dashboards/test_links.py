"""Tests of the links from alerts to panels and back, and of the limits that both share."""

import re
from typing import Final

import pytest

from catalogue.panel_links import link_parts, panel_id, panel_link
from dashboards import stack
from dashboards.model import Board
from tools.boards.lint.available import NOT_SHOWN
from tools.boards.rendered_boards import BOARDS, CATALOGUE, PANELS, RULES, panels

DECLARED: Final = {board.uid: board for board in stack.BOARDS}
AREAS: Final = [
    area.name for area in CATALOGUE.areas if any(each.area == area.name for each in CATALOGUE.alerts.values())
]
# Uid and slug of the panel that each alert opens.
PANEL_OF_ALERT: Final = {
    name: link_parts(alert.annotations["dashboard_url"]) for name, alert in CATALOGUE.alerts.items()
}
each_area = pytest.mark.parametrize("area", AREAS)
each_board = pytest.mark.parametrize("board", stack.BOARDS, ids=lambda board: board.uid)


def names_of(area: str) -> list[str]:
    """Return the names of an area's alerts."""
    return [alert.name for alert in CATALOGUE.alerts.values() if alert.area == area]


def panels_showing(name: str) -> set[tuple[str, str]]:
    """Return uid and slug of the panel that an alert opens and of those with one of its limits."""
    with_limit = {
        (uid, slug)
        for uid, board in DECLARED.items()
        for slug, panel in board.panels.items()
        if {tunable for _, tunable in panel.tunables} & set(CATALOGUE.alerts[name].tunables)
    }
    return {PANEL_OF_ALERT[name], *with_limit}


def panels_listing(name: str) -> set[tuple[str, str]]:
    """Return uid and slug of the panels whose description links to an alert's runbook."""
    slugs = {(uid, panel_id(slug)): slug for uid, board in DECLARED.items() for slug in board.panels}
    link = f"[{name}](https://git.example.com/bais/runbooks/{name}.md)"
    return {(uid, slugs[uid, panel["id"]]) for uid, panel in PANELS if link in panel["description"]}


def test_every_alert_belongs_to_a_tested_area() -> None:
    assert {name for area in AREAS for name in names_of(area)} == set(PANEL_OF_ALERT)


@each_area
def test_every_alert_opens_an_existing_panel(area: str) -> None:
    offenders = [
        f"{name} opens {uid}, panel {slug}"
        for name in names_of(area)
        for uid, slug in [PANEL_OF_ALERT[name]]
        if uid not in DECLARED or slug not in DECLARED[uid].panels
    ]
    assert offenders == [], "correct dashboard_url in rules/, or add the panel to the board"


def test_rendered_links_open_panels_in_grafana() -> None:
    links = {
        rule["alert"]: rule["annotations"]["dashboard_url"]
        for area in RULES.values()
        for group in area["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    assert set(links) == set(PANEL_OF_ALERT)
    for name, link in links.items():
        found = re.fullmatch(r"https://grafana\.example\.com/d/([a-z-]+)\?viewPanel=(\d+)({{ .+ }})?", link)
        assert found, link
        assert int(found[2]) in {panel["id"] for panel in panels(BOARDS[found[1]])}, name


@each_area
def test_exactly_the_panels_that_show_an_alert_list_it(area: str) -> None:
    offenders = {
        name: sorted(panels_listing(name) ^ panels_showing(name))
        for name in names_of(area)
        if panels_listing(name) != panels_showing(name)
    }
    assert offenders == {}


def test_a_panel_lists_alerts_that_share_its_limits_but_open_another_panel() -> None:
    assert ("bais-api", "routes") in panels_listing("ApiLatencyP95High")
    assert ("bais-production", "payment-success-now") in panels_listing("PaymentFailureRateHigh")


@each_board
def test_panel_descriptions_list_alerts_sorted_and_with_runbook_links_only(board: Board) -> None:
    listed = {
        panel["title"]: panel["description"].partition("Alerts: ")[2] for uid, panel in PANELS if uid == board.uid
    }
    for title, text in listed.items():
        links = re.findall(r"\[(\w+)\]\(https://git\.example\.com/bais/runbooks/(\w+)\.md\)", text)
        assert all(name == runbook and name in CATALOGUE.alerts for name, runbook in links), title
        assert [name for name, _ in links] == sorted(name for name, _ in links), title
        rest = re.sub(r"\[\w+\]\([^)]*\)", "", text)
        assert not re.sub(r"[ ,.]", "", rest), f"{title}: {rest}"


@each_area
def test_the_panel_of_an_alert_shows_all_its_limits(area: str) -> None:
    offenders = {}
    for name in names_of(area):
        uid, slug = PANEL_OF_ALERT[name]
        shown = {tunable for _, tunable in DECLARED[uid].panels[slug].tunables}
        if missing := set(CATALOGUE.alerts[name].tunables) - shown - set(NOT_SHOWN):
            offenders[f"{name}: {uid}, panel {slug}"] = sorted(missing)
    assert offenders == {}, "add these limits to the panels, or to NOT_SHOWN in tools/boards/lint/available.py"


@each_board
def test_panel_limits_have_the_severity_of_their_alerts(board: Board) -> None:
    offenders = []
    for panel in board.panels.values():
        for limit, tunable in panel.tunables:
            alerts = [alert for alert in CATALOGUE.alerts.values() if tunable in alert.tunables]
            critical = {alert.severity in ("critical", "none") for alert in alerts}
            if (limit == "critical") not in critical:
                offenders.append(f"{panel.slug}: {tunable} as {limit}")
    assert offenders == []


def test_limits_that_are_not_shown_exist() -> None:
    assert set(NOT_SHOWN) <= set(CATALOGUE.tunables)


def test_links_are_parsed_and_converted_for_grafana() -> None:
    assert link_parts("d/bais-cache?viewPanel=memory") == ("bais-cache", "memory")
    assert panel_link("d/bais-infrastructure?viewPanel=targets-down") == "d/bais-infrastructure?viewPanel=736762"


@pytest.mark.parametrize("link", ["d/bais-cache", "d/bais-cache?viewPanel=7", "https://x/d/a?viewPanel=b"])
def test_invalid_panel_links_are_rejected(link: str) -> None:
    with pytest.raises(ValueError, match=re.escape(link)):
        link_parts(link)
