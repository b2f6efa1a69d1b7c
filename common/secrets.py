"""Names of the Secrets that the program, its operator or Helm creates in the stack's namespace."""

from typing import Final

# Credentials of Alertmanager from the stack's encrypted configuration, one file per credential.
ALERTMANAGER_TOKENS: Final = "alertmanager-tokens"
ALERTMANAGER_CONFIGURATION: Final = "alertmanager-configuration"
GRAFANA_ADMIN: Final = "grafana-admin"
# The files that Grafana reads.
GRAFANA_FILES: Final = "grafana-files"
PROGRAM_SECRETS: Final = (ALERTMANAGER_TOKENS, ALERTMANAGER_CONFIGURATION, GRAFANA_ADMIN, GRAFANA_FILES)

# The operator's Secrets of the resources `prometheus` and `alertmanager`, and the records of Helm's releases.
_PREFIXES: Final = ("prometheus-prometheus", "alertmanager-alertmanager", "sh.helm.release.")


def is_created_by_stack(name: str) -> bool:
    """Return whether a Secret of this name belongs to the stack itself, so that no setting may name it."""
    return name in PROGRAM_SECRETS or name.startswith(_PREFIXES)
