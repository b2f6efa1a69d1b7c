"""Tests of the table of firing alerts: each row leads to a runbook, a panel at the time of the alert, and a silence."""

import json
from typing import Any, Final

from catalogue.panel_links import link_parts, panel_id
from dashboards import stack
from tools.boards.lint.judged import show
from tools.boards.lint.panels import overrides
from tools.boards.rendered_boards import CATALOGUE, ENVIRONMENT, PANELS, RULES, TUNABLES

TITLE: Final = "Firing alerts, critical first"
(TABLE,) = (panel for _, panel in PANELS if panel["title"] == TITLE)


def links(table: Any) -> dict[str, str]:
    """Return the links of the column with the alerts' names, by title."""
    return {each["title"]: each["url"] for each in overrides(table, "links")["Alert"]}


def test_each_alert_leads_to_its_runbook_and_its_panel() -> None:
    for name, alert in CATALOGUE.alerts.items():
        uid, slug = link_parts(alert.annotations["dashboard_url"])
        assert show(TABLE, "Panel", name).text == f"/d/{uid}?viewPanel={panel_id(slug)}"
        assert show(TABLE, "Runbook", name).text == f"https://git.example.com/bais/runbooks/{name}.md"


def test_the_links_read_the_hidden_columns() -> None:
    assert links(TABLE) == {
        "Runbook": "${__data.fields.Runbook:raw}",
        "Panel": "${__data.fields.Panel:raw}&from=${__data.fields.Since.numeric}&to=now",
        "Silence": (
            "/alerting/silence/new?alertmanager=Alertmanager&matcher=alertname%3D${__data.fields.Alert:percentencode}"
        ),
    }
    hidden = overrides(TABLE, "custom.hideFrom")
    assert {column for column, value in hidden.items() if value["viz"]} == {"Runbook", "Panel", "Since"}


def test_the_alert_of_a_disabled_board_leads_to_the_list_of_alerts() -> None:
    disabled = {"bais-cache": {"enabled": False}}
    rendered = stack.render(RULES, environment=ENVIRONMENT, tunables=TUNABLES, overrides=disabled)["bais-production"]
    (table,) = (panel for panel in json.loads(rendered)["panels"] if panel["title"] == TITLE)
    assert show(table, "Panel", "RedisMemoryHigh").text == "/alerting/list?"
    assert "RedisMemoryHigh" in (show(table, "Runbook", "RedisMemoryHigh").text or "")


def test_without_alerts_only_the_link_to_a_silence_remains() -> None:
    rendered = stack.render({}, environment=ENVIRONMENT, tunables=TUNABLES, overrides={})["bais-production"]
    (table,) = (panel for panel in json.loads(rendered)["panels"] if panel["title"] == TITLE)
    assert list(links(table)) == ["Silence"]
