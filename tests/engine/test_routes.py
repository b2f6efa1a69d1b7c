"""The rendered Alertmanager configuration, checked with amtool."""

from pathlib import Path
from typing import Final

import pytest
import yaml

from catalogue.platform import CATALOGUE_LABEL
from routing.matching import receivers_reached
from routing.routes import alertmanager_configuration
from settings.links import LinksSettings
from settings.notifications import NotificationsSettings
from tools.operator_output import amtool

LINKS: Final = LinksSettings(runbooks="https://runbooks.example", grafana="https://grafana.example")
EMAIL: Final = {"from": "m@bais.example", "smarthost": "smtp.example:587", "onCall": "o@bais.example"}
STACKS: Final = {
    "webhooks": {"slack": {}, "deadMansSwitch": True},
    "bot": {"slack": {"botToken": True}},
    "teams": {"slack": {}, "pagerduty": True, "pagerdutyTeams": ["data", "data-science"], "email": EMAIL},
    "existing": {"email": EMAIL, "secretSource": "existing", "existingSecret": "bais-alertmanager"},
}


def write(folder: Path, stack: str) -> str:
    """Write the configuration of one of these stacks to a file and return its path."""
    notifications = NotificationsSettings.model_validate(STACKS[stack])
    file = folder / "alertmanager.yaml"
    file.write_text(yaml.safe_dump(alertmanager_configuration(notifications, LINKS), sort_keys=False))
    return str(file)


def routed(folder: Path, *labels: str) -> str:
    """Return the receivers of an alert with these labels, as amtool prints them."""
    return amtool("config", "routes", "test", f"--config.file={write(folder, 'teams')}", *labels).strip()


@pytest.mark.parametrize("stack", STACKS)
def test_amtool_accepts_the_configuration(stack: str, tmp_path: Path) -> None:
    assert "SUCCESS" in amtool("check-config", write(tmp_path, stack))


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["severity=critical", "area=api", "team=data"], "critical-data"),
        (["severity=critical", "area=security", "team=data-science"], "security-critical-data-science"),
        (["severity=critical", "area=api", "team=platform"], "critical"),
        (["severity=warning", "area=api", "team=data"], "warning"),
        (["severity=warning", "area=payments", "team=payments"], "business,warning"),
    ],
)
def test_alerts_are_routed_by_severity_team_and_area(labels: list[str], receiver: str, tmp_path: Path) -> None:
    marked = ["=".join(CATALOGUE_LABEL), *labels]
    assert routed(tmp_path, *marked) == receiver
    configuration = alertmanager_configuration(NotificationsSettings.model_validate(STACKS["teams"]), LINKS)
    reached = receivers_reached(configuration, dict(each.split("=") for each in marked))
    assert sorted(reached) == sorted(receiver.split(","))


def test_alerts_of_other_rules_wake_nobody(tmp_path: Path) -> None:
    assert routed(tmp_path, "severity=critical", "area=api", "team=data") == "warning"
