"""Receivers and addresses of alerts in a configuration; tests/engine/test_routes.py compares them with amtool."""

from typing import Any, Final

import pytest

from routing.matching import addresses, receivers_reached

CONFIGURATION: Final[dict[str, Any]] = {
    "route": {
        "receiver": "default",
        "routes": [
            {"receiver": "copies", "matchers": ['area=~"payments|business"'], "continue": True},
            {"receiver": "budgets", "matchers": ['slo!=""'], "continue": True},
            {
                "receiver": "pages",
                "matchers": ['severity="critical"'],
                "routes": [{"receiver": "team", "matchers": ['team="data \\"x\\""']}],
            },
            {"receiver": "rest", "matchers": ['severity!~"critical|none"']},
            {"receiver": "too-late", "matchers": ['severity!="none"']},
        ],
    },
    "receivers": [
        {"name": "pages", "pagerduty_configs": [{"routing_key_file": "/etc/a/pagerduty-key", "severity": "critical"}]},
        {"name": "copies", "email_configs": [{"to": "b@bais.example", "auth_password_file": "/etc/a/smtp"}]},
        {"name": "rest", "slack_configs": [{"channel": "#alerts"}], "webhook_configs": [{"url_file": "/etc/a/url"}]},
        {"name": "default"},
    ],
}


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({"severity": "critical"}, ("pages",)),
        ({"severity": "critical", "team": 'data "x"'}, ("team",)),
        ({"severity": "critical", "area": "payments"}, ("copies", "pages")),
        ({"severity": "critical", "area": "payments-old"}, ("pages",)),
        ({"severity": "warning", "area": "business", "slo": "api"}, ("copies", "budgets", "rest")),
        ({"severity": "none"}, ("default",)),
    ],
)
def test_an_alert_reaches_the_first_matching_route_and_those_that_continue(
    labels: dict[str, str], receivers: tuple[str, ...]
) -> None:
    assert receivers_reached(CONFIGURATION, labels) == receivers


def test_addresses_are_channels_and_mailboxes_or_else_the_credential() -> None:
    assert addresses(CONFIGURATION, ["pages", "copies", "rest", "default"]) == (
        "pagerduty pagerduty-key",
        "email b@bais.example",
        "slack #alerts",
        "webhook url",
    )


def test_a_matcher_of_another_form_is_an_error() -> None:
    with pytest.raises(ValueError, match="matcher severity: allowed"):
        receivers_reached({"route": {"receiver": "a", "routes": [{"matchers": ["severity"]}]}}, {})
