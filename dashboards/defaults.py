"""Dashboards rendered with the catalogue's defaults, as Grafana loads them."""

import json
from collections.abc import Mapping
from typing import Any, Final

from catalogue.stack import for_stack
from dashboards import stack

_STACK: Final = for_stack()
CATALOGUE: Final = _STACK.catalogue
TUNABLES: Final = _STACK.tunables
RULES: Final = _STACK.render(
    runbook_base="https://git.example.com/bais",
    grafana_base="https://grafana.example.com",
    link_variables=stack.link_variables(),
)
ENVIRONMENT: Final = "prod"
BOARDS: Final[Mapping[str, Any]] = {
    uid: json.loads(text)
    for uid, text in stack.render(RULES, environment=ENVIRONMENT, tunables=TUNABLES, overrides={}).items()
}
