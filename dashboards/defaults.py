"""The boards with the catalogue's defaults, as Grafana would load them."""

import json
from collections.abc import Mapping
from typing import Any, Final

from catalogue import loader as rules
from dashboards import stack

CATALOGUE: Final = rules.load()
TUNABLES: Final = rules.tunables_in_force(CATALOGUE, {})
RULES: Final = rules.render(
    CATALOGUE,
    tunables={},
    overrides={},
    runbook_base="https://git.example.com/bais",
    grafana_base="https://grafana.example.com",
    choices=stack.choices(),
)
ENVIRONMENT: Final = "prod"
BOARDS: Final[Mapping[str, Any]] = {
    uid: json.loads(text)
    for uid, text in stack.render(RULES, environment=ENVIRONMENT, tunables=TUNABLES, changed={}).items()
}
