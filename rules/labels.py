"""Which labels an alert can carry, as far as its expression decides it."""

from collections.abc import Mapping
from typing import Final

import promql_parser

from rules.model import Catalogue, Recording

Labels = frozenset[str] | None
"""Names of labels; None stands for any, as a series has them."""

_NONE: Final[frozenset[str]] = frozenset()
# What chooses among series and changes none.
_CHOICES: Final = ("topk", "bottomk", "limitk", "limit_ratio")


def carried(catalogue: Catalogue) -> dict[str, Labels]:
    """Return for each alert, by name, the labels that it can have: no other ever stands on it."""
    rules = [rule for area in catalogue.areas for group in area.groups for rule in group.rules]
    recorded: dict[str, Labels] = {}
    # A series may be recorded in a later group than the one that reads it, from others that are in turn.
    waiting = [rule for rule in rules if isinstance(rule, Recording)]
    names = {rule.name for rule in waiting}
    while waiting:
        known = {name: labels for name, labels in recorded.items() if name not in {rule.name for rule in waiting}}
        ready = [rule for rule in waiting if not (_read(rule.expression) & names) - set(known)]
        for rule in ready:
            labels = _either(_of(promql_parser.parse(rule.expression), known), frozenset(rule.labels))
            recorded[rule.name] = _either(recorded.get(rule.name, _NONE), labels)
        waiting = [rule for rule in waiting if rule not in ready]
    return {
        name: _either(_of(promql_parser.parse(alert.expression), recorded), frozenset(alert.labels))
        for name, alert in catalogue.alerts.items()
    }
