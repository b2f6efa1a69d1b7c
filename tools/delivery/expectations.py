"""Expected receivers of alerts, from the routing table of the requirements.

Nothing here is read from the program.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

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

# Addresses that get alerts of these severities and areas in addition to the table, where a stack enables their channel.
# One row per channel that no row of the table has; `*` is every area but security, which has its own receivers.
ADDITIONAL: Final[Mapping[str, Collection[tuple[str, str]]]] = {}

# Alerts on error budgets, whatever their severity and area, are in the daily summary too.
ERROR_BUDGET: Final = {"management@bais.example"}

# Addresses that get an alert of the catalogue that matches no row, and one that is not of the catalogue.
_UNROUTED: Final = {PAGERDUTY, "#bais-critical"}
_FOREIGN: Final = {"#bais-alerts"}

# The channels that each stack enables. Staging has no e-mail: what others mail goes to the channel of warnings.
CHANNELS: Final = {"prod": ("slack", "pagerduty", "email"), "staging": ("slack",), "local": ("slack", "email")}

# The channel of each address that is neither a mailbox nor a channel of Slack.
_SERVICES: Final = {
    PAGERDUTY: "pagerduty",
    SWITCH: "dead-mans-switch",
}

# The address to which each integration of a receiver sends, from its configuration. One row per channel.
_ADDRESSES: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "slack_configs": lambda config: str(config["channel"]),
    "email_configs": lambda config: str(config["to"]),
    "pagerduty_configs": lambda _: PAGERDUTY,
    "webhook_configs": lambda _: SWITCH,
}


def expected(stack: str, labels: Mapping[str, str], enabled: Collection[str] = ()) -> set[str]:
    """Return the addresses at which an alert of a stack must arrive.

    Args:
        stack: Name of the stack.
        labels: Labels of the alert.
        enabled: Channels that are enabled in addition to those of the stack.

    Raises:
        LookupError: CHANNELS has no row for the stack.
    """
    severity, area = labels["severity"], labels["area"]
    wanted = TABLE.get((severity, area), TABLE[severity, "*"]) | (ERROR_BUDGET if "slo" in labels else set())
    rows = {(severity, area), (severity, area if area == "security" else "*")}
    wanted |= {address for address, pairs in ADDITIONAL.items() if rows & set(pairs)}
    if stack not in CHANNELS:
        raise LookupError(f"add the enabled channels of {stack} to CHANNELS in tools/delivery/expectations.py")
    channels = {*CHANNELS[stack], *enabled, channel(SWITCH)}
    return {address for address in wanted if channel(address) in channels} or {"#bais-alerts"}


def expected_of_unrouted(stack: str) -> list[str]:
    """Return the sorted addresses for an alert of the catalogue that matches no row of the table."""
    return sorted(address for address in _UNROUTED if channel(address) in CHANNELS[stack])


def expected_of_foreign(stack: str) -> list[str]:
    """Return the sorted addresses for an alert that is not of the catalogue, whatever its name and severity."""
    return sorted(address for address in _FOREIGN if channel(address) in CHANNELS[stack])


def addresses(receiver: Mapping[str, Any]) -> set[str]:
    """Return the addresses to which a receiver of Alertmanager's configuration sends."""
    return {_ADDRESSES[key](config) for key, configs in receiver.items() if key != "name" for config in configs}


def channel(address: str) -> str:
    """Return the channel of an address."""
    return _SERVICES.get(address) or ("email" if "@" in address else "slack")
