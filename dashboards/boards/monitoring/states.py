"""States of a configuration reload, of Prometheus and Alertmanager alike."""

from typing import Final

from dashboards.model import states

RELOADED: Final = states(bad="failed", good="loaded")
