"""Every requirement on alerts has alerts that answer it."""

from pathlib import Path

import pytest
import yaml

from catalogue import requirements
from catalogue.loader import load
from common.problems import CatalogueError

CATALOGUE = load()
REQUIREMENTS = {requirement.number: requirement for requirement in requirements.load(CATALOGUE)}
SEVERITY_OF = {"Critical": "critical", "Warning": "warning"}


def test_every_requirement_on_alerts_is_there() -> None:
    assert list(REQUIREMENTS) == [*(f"S{number}" for number in range(8, 28)), "S34", "S35"]


@pytest.mark.parametrize("number", REQUIREMENTS)
def test_a_requirement_of_a_severity_has_an_alert_of_it(number: str) -> None:
    requirement = REQUIREMENTS[number]
    wanted = SEVERITY_OF.get(requirement.words.partition(":")[0])
    assert requirement.alerts
    assert wanted is None or wanted in {alert.severity for alert in requirement.alerts}


@pytest.mark.parametrize(
    ("alerts", "problem"),
    [
        ([], "requirements.yaml: S8.alerts: found []; allowed: a list of alerts, or all"),
        (["ServiceDow"], "requirements.yaml: S8.alerts: found ServiceDow; allowed: ServiceDown (did you mean that?)"),
    ],
)
def test_a_requirement_without_an_alert_that_exists_is_refused(tmp_path: Path, alerts: list[str], problem: str) -> None:
    path = tmp_path / "requirements.yaml"
    path.write_text(yaml.safe_dump({"S8": {"words": "Any", "alerts": alerts}}), encoding="utf-8")
    with pytest.raises(CatalogueError) as error:
        requirements.load(CATALOGUE, path)
    assert problem in str(error.value)
