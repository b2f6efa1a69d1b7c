"""Expected receivers of alerts, from the routing table of the requirements.

Nothing here is read from the program.
"""

from collections.abc import Mapping
from typing import Final

from local.demo.fake_receivers import PAGERDUTY, SWITCH

UNROUTED: Final = "unrouted"

_CRITICAL: Final = {PAGERDUTY, "#bais-critical", "on-call@bais.example"}
_WARNING: Final = {"#bais-alerts"}
_SECURITY: Final = {"#bais-security", "security@bais.example"}
_BUSINESS: Final = {"business@bais.example"}

# (severity, area) to addresses; `*` is every area without a row of its own.
TABLE: Final = {
    ("critical", "*"): _CRITICAL,
    ("critical", "payments"): _CRITICAL | _BUSINESS,
    ("critical", "business"): _CRITICAL | _BUSINESS,
    ("critical", "security"): _SECURITY | {PAGERDUTY},
    ("warning", "*"): _WARNING,
    ("warning", "payments"): _WARNING | _BUSINESS,
    ("warning", "business"): _WARNING | _BUSINESS,
    ("warning", "security"): _SECURITY,
    ("info", "*"): {"management@bais.example"},
    ("none", "*"): {SWITCH},
}

# Whatever its severity and area: an error budget that burns is told of in the daily summary too.
ERROR_BUDGET: Final = {"management@bais.example"}

# An alert that no row is for: somebody wrote it and forgot who should hear of it.
STRANGER: Final = {PAGERDUTY, "#bais-critical"}

# What each stack has on. Staging has no mail: what is mailed elsewhere goes to the channel of warnings.
CHANNELS: Final = {"prod": ("slack", "pagerduty", "email"), "staging": ("slack",), "local": ("slack", "email")}


def expected(stack: str, labels: Mapping[str, str]) -> set[str]:
    """Return the addresses at which an alert of a stack must arrive."""
    severity = labels["severity"]
    wanted = TABLE.get((severity, labels["area"]), TABLE[severity, "*"]) | (ERROR_BUDGET if "slo" in labels else set())
    found = {address for address in wanted if address == SWITCH or channel(address) in CHANNELS[stack]}
    return found or {"#bais-alerts"}


def expected_of_a_stranger(stack: str) -> list[str]:
    """Return the sorted addresses for an alert that matches no row of the table."""
    return sorted(address for address in STRANGER if channel(address) in CHANNELS[stack])


def channel(address: str) -> str:
    """Return the channel of an address: pagerduty, email or slack."""
    if address == PAGERDUTY:
        return "pagerduty"
    return "email" if "@" in address else "slack"
