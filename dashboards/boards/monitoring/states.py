"""What Prometheus and Alertmanager alike tell of their configuration."""

from typing import Final

from dashboards.model import states

RELOADED: Final = states(bad="refused", good="loaded")
