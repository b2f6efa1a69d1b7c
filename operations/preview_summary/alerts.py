"""Changed alerts and recording rules of a preview."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from catalogue.tunables import find_markers
from operations.preview_summary.model import Step

_RULES: Final = "PrometheusRule"
# Numbers and durations of an expression, but no digits of names.
_NUMBER: Final = re.compile(r"((?<![\w.])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?:ms|[smhdwy])?(?![\w.]))")

Rule = Mapping[str, Any]


@dataclass(frozen=True)
class NumberChange:
    """A number of an expression that changed.

    Attributes:
        name: Name of its tunable; empty if it is not one.
        old: The number before.
        new: The number after.
    """

    name: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class AlertChange:
    """An alert that is added, changed or removed.

    Attributes:
        name: Name of the alert.
        old: The rule before; None if it is added.
        new: The rule after; None if it is removed.
        numbers: Numbers that changed in the expression; empty if it changed otherwise.
    """

    name: str
    old: Rule | None
    new: Rule | None
    numbers: Sequence[NumberChange] = ()

    @property
    def has_new_expression(self) -> bool:
        """Whether the expression changed in more than its numbers."""
        return bool(self.old and self.new) and not self.numbers and self._differs("expr")

    @property
    def has_new_text(self) -> bool:
        """Whether an annotation changed."""
        return self._differs("annotations")

    def fields(self) -> Iterator[tuple[str, Any, Any]]:
        """Yield name, old and new value of the changed durations and labels, the severity first."""
        if self.old is None or self.new is None:
            return
        before, after = self.old.get("labels", {}), self.new.get("labels", {})
        for label in sorted({*before, *after}, key=lambda each: (each != "severity", each)):
            if before.get(label) != after.get(label):
                yield label, before.get(label), after.get(label)
        for field in ("for", "keep_firing_for"):
            if self._differs(field):
                yield field, self.old.get(field), self.new.get(field)

    def _differs(self, field: str) -> bool:
        return self.old is not None and self.new is not None and self.old.get(field) != self.new.get(field)


def alerts(steps: Sequence[Step]) -> tuple[dict[str, Rule], dict[str, Rule]]:
    """Return the alerts before and after, by name."""
    before, after = _rules(steps, "alert")
    return {rule["alert"]: rule for rule in before.values()}, {rule["alert"]: rule for rule in after.values()}


def alert_changes(before: Mapping[str, Rule], after: Mapping[str, Rule]) -> list[AlertChange]:
    """Return the alerts that are added, changed or removed, by name."""
    return [
        AlertChange(name=name, old=old, new=new, numbers=changed_numbers(old, new))
        for name in sorted({*before, *after})
        if (old := before.get(name)) != (new := after.get(name))
    ]


def recording_changes(steps: Sequence[Step]) -> list[str]:
    """Return the names of the recording rules that are added, changed or removed."""
    before, after = _rules(steps, "record")
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    return sorted({(before.get(key) or after[key])["record"] for key in changed})


def changed_numbers(old: Rule | None, new: Rule | None) -> list[NumberChange]:
    """Return the numbers that differ between two expressions; empty if more than numbers and spaces differ."""
    if old is None or new is None:
        return []
    before, after = (_NUMBER.split(str(rule["expr"])) for rule in (old, new))
    if [each.split() for each in before[::2]] != [each.split() for each in after[::2]]:
        return []
    tunables = {(each.line, each.start): each.name for each in find_markers(str(new["expr"]))[0]}
    found: list[NumberChange] = []
    for index in range(1, len(after), 2):
        if before[index] != after[index]:
            text = "".join(after[:index])
            place = (text.count("\n"), len(text) - (text.rfind("\n") + 1))
            found.append(NumberChange(tunables.get(place, ""), before[index], after[index]))
    return list(dict.fromkeys(found))


def _rules(steps: Sequence[Step], kind: str) -> tuple[dict[str, Rule], dict[str, Rule]]:
    """Return the rules before and after; the key of a recording rule includes its labels."""
    sides: tuple[dict[str, Rule], dict[str, Rule]] = ({}, {})
    for step in steps:
        if step.kind != _RULES:
            continue
        for side, inputs in zip(sides, (step.old, step.new), strict=True):
            for group in ((inputs or {}).get("spec") or {}).get("groups", ()):
                for rule in group["rules"]:
                    if kind in rule:
                        side[json.dumps([rule[kind], rule.get("labels", {}) if kind == "record" else {}])] = rule
    return sides
