"""Changed routes of a preview, and the alerts that reach other people than before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from operations.preview_summary.alerts import Rule
from operations.preview_summary.differences import Difference, differences
from operations.preview_summary.model import Step
from routing.matching import addresses, receivers_reached

Configuration = Mapping[str, Any]

# The component whose inputs contain Alertmanager's configuration; the Secret itself is hidden.
_COMPONENT: Final = "monitoring:index:Alertmanager"
_TEMPLATE: Final = re.compile(r"\{\{.*?\}\}")
_PAGES: Final = "pagerduty"


@dataclass(frozen=True)
class Redirection:
    """How the addresses of an alert change.

    Attributes:
        lost: Addresses that it no longer reaches.
        gained: Addresses that it now also reaches.
        paging: `now pages`, `no longer pages`, `notifies no one`, or nothing if that stays the same.
    """

    lost: tuple[str, ...]
    gained: tuple[str, ...]
    paging: str


def configurations(steps: Sequence[Step]) -> tuple[Configuration | None, Configuration | None]:
    """Return Alertmanager's configuration before and after; None where the stack has none."""
    step = next((each for each in steps if each.type == _COMPONENT), None)
    if step is None:
        return None, None
    before, after = (inputs.get("configuration") if inputs else None for inputs in (step.old, step.new))
    return before, after


def notified(configuration: Configuration | None, rule: Rule) -> tuple[str, ...]:
    """Return the addresses that an alert can reach; empty if it notifies no one.

    The team of an alert can depend on the service that it is about: then these are the addresses of all its teams.
    """
    if configuration is None:
        return ()
    labels = {name: str(text) for name, text in rule.get("labels", {}).items()} | {"alertname": rule["alert"]}
    teams = [each for each in _TEMPLATE.split(labels.get("team", "")) if each] or [""]
    found = (addresses(configuration, receivers_reached(configuration, labels | {"team": team})) for team in teams)
    return tuple(dict.fromkeys(address for each in found for address in each))


def redirected(
    before: tuple[Configuration | None, Mapping[str, Rule]], after: tuple[Configuration | None, Mapping[str, Rule]]
) -> dict[Redirection, list[str]]:
    """Return the alerts of both sides whose addresses differ, by their difference."""
    found: dict[Redirection, list[str]] = {}
    for name in sorted({*before[1]} & {*after[1]}):
        old, new = notified(before[0], before[1][name]), notified(after[0], after[1][name])
        if set(old) != set(new):
            found.setdefault(_redirection(old, new), []).append(name)
    return found


def _redirection(old: Sequence[str], new: Sequence[str]) -> Redirection:
    paged, pages = (any(each.startswith(_PAGES) for each in side) for side in (old, new))
    paging = "" if paged == pages else "now pages" if pages else "no longer pages"
    lost, gained = (tuple(each for each in one if each not in other) for one, other in ((old, new), (new, old)))
    return Redirection(lost, gained, paging if new else "notifies no one")


def route_changes(old: Configuration | None, new: Configuration | None) -> list[Difference]:
    """Return the differences of two configurations, by route, receiver and inhibition rule."""
    if old is None or new is None:
        return []
    return list(differences(_by_name(old), _by_name(new)))


def _by_name(configuration: Configuration) -> dict[str, Any]:
    """Return a configuration with names in place of positions, so that an added item changes no other."""
    route = {key: each for key, each in configuration["route"].items() if key != "routes"}
    rest = {key: each for key, each in configuration.items() if key not in ("route", "receivers", "inhibit_rules")}
    return {
        **rest,
        "route": route,
        "routes": dict(_named(configuration["route"].get("routes", ()), _route_name)),
        "receivers": dict(_named(configuration["receivers"], lambda each: each["name"])),
        "inhibition": dict(_named(configuration.get("inhibit_rules", ()), _inhibition_name)),
    }


def _named(items: Iterable[Mapping[str, Any]], name: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((name(each), each) for each in items)


def _route_name(route: Mapping[str, Any]) -> str:
    return f"{route['receiver']}{{{', '.join(route.get('matchers', ()))}}}"


def _inhibition_name(rule: Mapping[str, Any]) -> str:
    sources, targets = (", ".join(rule.get(f"{side}_matchers", ())) for side in ("source", "target"))
    return f"{{{sources}}} mutes {{{targets}}}"
