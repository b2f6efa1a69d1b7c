"""Coverage of the requirements by alerts."""

from pathlib import Path
from typing import Final

import pytest
import yaml

from catalogue import requirements
from catalogue.loader import load
from common.problems import CatalogueError

CATALOGUE: Final = load()
REQUIREMENTS: Final = {requirement.number: requirement for requirement in requirements.load(CATALOGUE)}
# Prefix of a requirement that asks for a severity.
SEVERITY_OF: Final = {"Critical": "critical", "Warning": "warning"}


def test_all_requirements_about_alerts_are_listed() -> None:
    assert list(REQUIREMENTS) == [*(f"S{number}" for number in range(8, 28)), "S34", "S35"]


def test_every_requirement_has_an_alert() -> None:
    assert [number for number, requirement in REQUIREMENTS.items() if not requirement.alerts] == []


def test_a_requirement_for_a_severity_has_an_alert_of_that_severity() -> None:
    severities = {
        number: severity
        for number, requirement in REQUIREMENTS.items()
        if (severity := SEVERITY_OF.get(requirement.words.partition(":")[0]))
    }
    assert set(severities.values()) == set(SEVERITY_OF.values())
    covered = {number: {alert.severity for alert in REQUIREMENTS[number].alerts} for number in severities}
    assert [number for number, severity in severities.items() if severity not in covered[number]] == []


@pytest.mark.parametrize(
    ("alerts", "problem"),
    [
        ([], "requirements.yaml: S8.alerts: found []; allowed: a non-empty list of alerts, or `all`"),
        (["ServiceDow"], "requirements.yaml: S8.alerts: found ServiceDow; allowed: ServiceDown (did you mean that?)"),
    ],
)
def test_a_requirement_without_an_existing_alert_is_rejected(tmp_path: Path, alerts: list[str], problem: str) -> None:
    path = tmp_path / "requirements.yaml"
    path.write_text(yaml.safe_dump({"S8": {"words": "Any", "alerts": alerts}}), encoding="utf-8")
    with pytest.raises(CatalogueError) as error:
        requirements.load(CATALOGUE, path)
    assert problem in str(error.value)
