"""The boards with the catalogue's defaults, as Grafana would load them."""

import json
from collections.abc import Mapping
from typing import Any, Final

from dashboards import catalogue
from rules import catalogue as rules

CATALOGUE: Final = rules.load()
TUNABLES: Final = rules.tunables_in_force(CATALOGUE, {})
RULES: Final = rules.render(
    CATALOGUE,
    tunables={},
    overrides={},
    runbook_base="https://git.example.com/bais",
    grafana_base="https://grafana.example.com",
    choices=catalogue.choices(),
)
ENVIRONMENT: Final = "prod"
BOARDS: Final[Mapping[str, Any]] = {
    uid: json.loads(text)
    for uid, text in catalogue.render(RULES, environment=ENVIRONMENT, tunables=TUNABLES, changed={}).items()
}
