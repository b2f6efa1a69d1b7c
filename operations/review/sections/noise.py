"""Section: alerts that fire without a reason to act, and the settings that change them."""

from __future__ import annotations

from typing import Final

from catalogue.model import Alert
from catalogue.stack import StackCatalogue
from catalogue.tunables import format_number
from common.words import counted
from operations.review.data import ReviewData
from operations.review.firings import Firing, by_alert, flaps
from operations.review.formats import listed
from operations.review.model import Column, Finding, Impact, Kind, Section, table

TITLE: Final = "Noise"
# A firing that resolves so soon ends before anyone can act.
_SHORT_SECONDS: Final = 10 * 60
# Fewer short firings and flaps are not worth a change.
_FEWEST: Final = 3
_COLUMNS: Final = (
    Column("alert"),
    Column("firings", Kind.COUNT),
    Column("under 10 minutes", Kind.COUNT),
    Column("flapped", Kind.COUNT),
    Column("setting to change"),
    Column("its value now"),
)


def section(data: ReviewData) -> Section:
    """Return the alerts with firings that were too short to act upon, the noisiest first."""
    counts = {name: (_short(found), flaps(found)) for name, found in by_alert(data.firings).items()}
    noisy = sorted((-sum(each), name) for name, each in counts.items() if sum(each) >= _FEWEST)
    if not noisy:
        return Section(title=TITLE, conclusion="No alert is noisy: none fired briefly or flapped three times.")
    names = [name for _, name in noisy]
    rows = []
    for name in names:
        firings = by_alert(data.firings)[name]
        rows += [
            (name, len(firings), *counts[name], setting, value) for setting, value in _settings(data.catalogue, name)
        ]
    brief = sum(counts[name][0] for name in names)
    conclusion = (
        f"{counted(len(names), 'alert')} fired too briefly to act upon, {counted(brief, 'time')} in all: "
        f"{listed(names)}. Change the first setting of each, or fix the cause."
    )
    findings = tuple(_finding(data, name, sum(counts[name])) for name in names)
    return Section(title=TITLE, conclusion=conclusion, tables=(table(_COLUMNS, rows),), findings=findings)


def _short(found: list[Firing]) -> int:
    return sum(firing.seconds < _SHORT_SECONDS for firing in found)


def _settings(catalogue: StackCatalogue, name: str) -> list[tuple[str, str]]:
    """Return the settings that change when an alert fires, with their values in the stack."""
    alert = catalogue.catalogue.alerts.get(name)
    if alert is None:
        return [("none: a rule of another team", "")]
    return [*_tunables(catalogue, alert), _wait(catalogue, alert)]


def _tunables(catalogue: StackCatalogue, alert: Alert) -> list[tuple[str, str]]:
    return [
        (
            f"alerts.tunables.{each}",
            f"{format_number(catalogue.tunables[each])} {catalogue.catalogue.tunables[each].unit}",
        )
        for each in alert.tunables
    ]


def _wait(catalogue: StackCatalogue, alert: Alert) -> tuple[str, str]:
    wait = catalogue.overrides.get(alert.name, {}).get("for", alert.duration) or "none"
    return f"alerts.overrides.{alert.name}.for", str(wait)


def _finding(data: ReviewData, name: str, count: int) -> Finding:
    setting, value = _settings(data.catalogue, name)[0]
    text = f"{name} fired briefly or flapped {counted(count, 'time')}: change {setting}, now {value}."
    alert = data.catalogue.catalogue.alerts.get(name)
    return Finding(Impact.NOISE, count, alert.area if alert else "other", text)
