"""Proof that a stack notifies: its health checks of rules and routing, and a test notification."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.console import Console

from operations.adopt.model import some
from operations.health.model import Check, State
from operations.health.run import health_check
from operations.page.alert import PageError
from operations.page.command import send_page

# Groups of checks without which no alert arrives, and the single ones of other groups.
_GROUPS: Final = ("routing", "rules")
_COMPONENTS: Final = ("prometheus", "alertmanager")
_PATH: Final = "prometheus to alertmanager"


def pager_problem(stack: str, channel: str, console: Console) -> str:
    """Return why a stack does not notify; empty if its checks are ok and the channels of a receiver have delivered.

    Raises:
        HealthError: the cluster cannot be read.
    """
    with health_check(stack, console) as check:
        _, checks = check.run()
    if problems := list(failing(checks)):
        return some(problems)
    try:
        is_sent = send_page(stack, channel, console, with_resolution=False)
    except PageError as error:
        return str(error)
    return "" if is_sent else f"the test notification to {channel} was not delivered"


def failing(checks: Iterable[Check]) -> Iterable[str]:
    """Yield the checks of the way from a rule to a receiver that are not ok."""
    for check in checks:
        is_on_the_way = (
            check.group in _GROUPS
            or (check.group == "components" and check.result.subject in _COMPONENTS)
            or check.name == _PATH
        )
        if is_on_the_way and check.result.state in (State.FAILED, State.UNKNOWN):
            yield f"{check.group}, {check.name}: {check.result.value}"
