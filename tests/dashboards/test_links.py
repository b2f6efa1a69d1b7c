"""From an alert to its panel and back, and both with the same limits."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import pytest

from dashboards import catalogue
from dashboards.model import Board, Panel, Rest
from rules.panels import opening, parts
from tests.dashboards.drawn import BOARDS, CATALOGUE, PANELS, RULES

DECLARED: Final = {board.uid: board for board in catalogue.BOARDS}
PLACES: Final = {name: parts(alert.annotations["dashboard_url"]) for name, alert in CATALOGUE.alerts.items()}
_TOO_LITTLE: Final = "below it the alert judges nothing; the panel shows its value all the same"
_TIMES_LAST_WEEK: Final = "a multiple of last week's value, which the panel shows beside today's"
# Numbers of an alert that its panel cannot show as a limit, each with the reason.
NOT_SHOWN: Final[Mapping[str, str]] = {
    "active_session_minimum": _TOO_LITTLE,
    "admin_action_growth": _TIMES_LAST_WEEK,
    "api_client_error_growth": _TIMES_LAST_WEEK,
    "api_compared_request_rate": _TOO_LITTLE,
    "api_minimum_request_rate": _TOO_LITTLE,
    "api_route_minimum_request_rate": _TOO_LITTLE,
    "api_server_minimum_rate": _TOO_LITTLE,
    "denied_request_growth": _TIMES_LAST_WEEK,
    "engagement_minimum_users": _TOO_LITTLE,
    "node_disk_prediction_days": "how far ahead the alert looks; the panel shows what is free now",
    "node_disk_prediction_ratio": "below it the alert looks ahead; the panel shows what is free now",
    "node_network_minimum_rate": _TOO_LITTLE,
    "payment_decline_growth": _TIMES_LAST_WEEK,
    "payment_minimum_count": _TOO_LITTLE,
    "payment_volume_growth": _TIMES_LAST_WEEK,
    "postgres_blocks_minimum_rate": _TOO_LITTLE,
    "postgres_statements_minimum_rate": _TOO_LITTLE,
    "postgres_transactions_minimum_rate": _TOO_LITTLE,
    "rate_limit_minimum_request_rate": _TOO_LITTLE,
    "redis_commands_minimum_rate": _TOO_LITTLE,
    "redis_lookups_minimum_rate": _TOO_LITTLE,
    "registration_minimum_count": _TOO_LITTLE,
    "sign_in_compared_rate": _TOO_LITTLE,
    "sign_in_failure_growth": _TIMES_LAST_WEEK,
    "sign_in_minimum_rate": _TOO_LITTLE,
    "suspicious_event_growth": _TIMES_LAST_WEEK,
    "volume_prediction_days": "how far ahead the alert looks; the panel shows what is free now",
    "webhook_minimum_count": _TOO_LITTLE,
    "worker_minimum_jobs": _TOO_LITTLE,
}

each_alert = pytest.mark.parametrize("name", PLACES)
each_declared = pytest.mark.parametrize("board", catalogue.BOARDS, ids=lambda board: board.uid)


def tunables(panel: Panel) -> Iterator[tuple[str, str]]:
    """The tunables among the limits of a panel and of its signals, with the name of the limit."""
    for limits in filter(None, (panel.limits, *panel.limits_by_signal)):
        for name, number in limits.items():
            if isinstance(number, str | Rest):
                yield name, number.tunable if isinstance(number, Rest) else number


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
        found = re.fullmatch(r"https://grafana\.example\.com/d/([a-z-]+)\?viewPanel=panel-(\d+)", link)
        assert found, link
        assert int(found[2]) in {panel["id"] for panel in BOARDS[found[1]]["panels"]}, name


@each_alert
def test_a_panel_names_the_alerts_that_open_it_with_their_runbooks(name: str) -> None:
    uid, slug = PLACES[name]
    titles = {panel["title"]: panel["description"] for board, panel in PANELS if board == uid}
    description = titles[DECLARED[uid].panels[slug].title]
    assert f"[{name}](https://git.example.com/bais/runbooks/{name}.md)" in description


@each_alert
def test_every_limit_of_an_alert_is_one_of_its_panel(name: str) -> None:
    uid, slug = PLACES[name]
    shown = {number for _, number in tunables(DECLARED[uid].panels[slug])}
    assert set(CATALOGUE.alerts[name].tunables) - shown - set(NOT_SHOWN) == set()


@each_declared
def test_every_limit_of_a_panel_is_as_grave_as_the_alert_that_has_it(board: Board) -> None:
    for panel in board.panels.values():
        for limit, number in tunables(panel):
            having = [alert for alert in CATALOGUE.alerts.values() if number in alert.tunables]
            grave = {alert.severity in ("critical", "none") for alert in having}
            assert (limit == "critical") in grave, f"{panel.slug}: {number} as {limit}"


def test_only_numbers_of_alerts_are_excused() -> None:
    assert set(NOT_SHOWN) <= set(CATALOGUE.tunables)


@each_declared
def test_a_panel_leads_only_to_boards_that_exist(board: Board) -> None:
    assert {panel.opens for panel in board.panels.values() if panel.opens} <= set(DECLARED)


def test_a_link_is_taken_apart_and_made_one_for_grafana() -> None:
    assert parts("d/bais-cache?viewPanel=memory") == ("bais-cache", "memory")
    assert opening("d/bais-infrastructure?viewPanel=targets-down") == "d/bais-infrastructure?viewPanel=panel-736762"


@pytest.mark.parametrize("link", ["d/bais-cache", "d/bais-cache?viewPanel=7", "https://x/d/a?viewPanel=b"])
def test_what_is_no_link_to_a_panel_is_refused(link: str) -> None:
    with pytest.raises(ValueError, match=re.escape(link)):
        parts(link)
