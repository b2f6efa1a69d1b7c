"""Settings that the section "False positives" of a runbook names: what stops the alert where it is not wanted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from common.problems import Problem

HEADING: Final = "False positives"
# Begins a section about an alert that always reports a problem.
NONE: Final = "None"
# Excluded days.
CALENDAR: Final = "alerts.calendar"
# Planned work on a node, which is stated at the node and not in the settings.
CORDON: Final = "kubectl cordon"
# Lists of the stack file, and keys of their entries, from which an alert's subject can be removed or excluded.
ENTRIES: Final = ("services", "probes", "postgres", "redis")

_QUOTED: Final = re.compile(r"`([^`]+)`")
_VERB: Final = re.compile(r"\b(raise|lower|set)\b", re.IGNORECASE)
_VALUE: Final = re.compile(r"\s+to\s+`?([\w.]+)")
_OVERRIDE: Final = re.compile(r"alerts\.overrides\.(?P<alert>\w+)\.(?P<field>for|enabled)")
_ALLOWED: Final = (
    f"`{NONE}`, or in backticks a tunable, alerts.overrides.<alert>.for or .enabled, {CALENDAR}, {CORDON}, "
    f"or an entry of {', '.join(ENTRIES)}"
)


@dataclass(frozen=True)
class Remedy:
    """A setting that stops an alert.

    Attributes:
        setting: Name of a tunable, or a key of the settings.
        verb: `raise`, `lower` or `set`; empty if the text has none.
        value: Text of the value, after `set`.
    """

    setting: str
    verb: str
    value: str


def remedies(name: str, text: str, tunables: Collection[str]) -> list[Remedy]:
    """Return the settings that the section of an alert's runbook names, in their order."""
    return list(dict.fromkeys(_remedies(name, text, tunables)))


def gaps(name: str, text: str, tunables: Collection[str]) -> Iterator[Problem]:
    """Yield the problem of a section that names no setting and does not say that there is none."""
    found = remedies(name, text, tunables)
    if not found and not re.match(rf"{NONE}\b", text):
        yield Problem(HEADING, "no setting", _ALLOWED)
    for each in found:
        if not each.verb and each.setting in tunables:
            yield Problem(HEADING, f"`{each.setting}`", f"raise or lower `{each.setting}`")


def _remedies(name: str, text: str, tunables: Collection[str]) -> Iterator[Remedy]:
    for quoted in _QUOTED.finditer(text):
        setting = quoted[1]
        override = _OVERRIDE.fullmatch(setting)
        if not (
            setting in tunables
            or setting in (CALENDAR, CORDON)
            or setting.partition("[]")[0] in ENTRIES
            or (override and override["alert"] == name)
        ):
            continue
        sentence = re.split(r"[.;:]\s", text[: quoted.start()])[-1]
        verbs = _VERB.findall(sentence)
        value = _VALUE.match(text, quoted.end())
        yield Remedy(setting, verbs[-1].lower() if verbs else "", value[1] if value else "")
