"""Who is notified of the alerts in a team's rules: by the stack's routes, and by the team's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from operations.team_objects.objects import ROUTE, RULE, TeamObject
from routing.matching import addresses, receivers_reached

# Operators of a matcher by `matchType`; the older field `regex` stands for two of them.
_OPERATORS: Final = {"=": "=", "!=": "!=", "=~": "=~", "!~": "!~", "": "="}
# Integrations with a channel or mailbox in another field than in Alertmanager's configuration.
_CHANNELS: Final = ("channel", "to")

Configuration = Mapping[str, Any]


def with_team_routes(configuration: Configuration, objects: Sequence[TeamObject]) -> dict[str, Any]:
    """Return Alertmanager's configuration as the operator would join it with the AlertmanagerConfigs of teams.

    Each route gets a matcher of its namespace, comes before those of the stack, and passes every alert on to them.
    """
    routes, receivers = [], []
    for each in (one for one in objects if one.kind == ROUTE):
        prefix = f"{each.namespace}/{each.name}/"
        route = _route(each.spec.get("route") or {}, prefix)
        own = f'namespace="{each.namespace}"'
        routes.append({**route, "matchers": [*route["matchers"], own], "continue": True})
        receivers += [_receiver(receiver, prefix) for receiver in each.spec.get("receivers") or ()]
    root = configuration["route"]
    return {
        **configuration,
        "route": {**root, "routes": [*routes, *root.get("routes", ())]},
        "receivers": [*configuration["receivers"], *receivers],
    }


def notified(configuration: Configuration, rules: TeamObject) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield name, severity and addresses of each alert, if its series are of the namespace of its object."""
    if rules.kind != RULE:
        return
    for rule in rules.rules():
        if "alert" not in rule:
            continue
        given = {name: str(value) for name, value in (rule.get("labels") or {}).items()}
        labels = {"namespace": rules.namespace, **given, "alertname": str(rule["alert"])}
        yield (
            str(rule["alert"]),
            given.get("severity", ""),
            addresses(configuration, receivers_reached(configuration, labels)),
        )


def _route(route: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {
        "receiver": f"{prefix}{route.get('receiver', '')}",
        "matchers": [_matcher(each) for each in route.get("matchers") or ()],
        "continue": bool(route.get("continue")),
        "routes": [_route(each, prefix) for each in route.get("routes") or ()],
    }


def _matcher(matcher: Mapping[str, Any]) -> str:
    kind = str(matcher.get("matchType") or ("=~" if matcher.get("regex") else ""))
    value = str(matcher.get("value", "")).replace("\\", "\\\\").replace('"', '\\"')
    return f'{matcher.get("name", "")}{_OPERATORS.get(kind, kind)}"{value}"'


def _receiver(receiver: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {"name": f"{prefix}{receiver.get('name', '')}"}
    for kind, integrations in receiver.items():
        if kind.endswith("Configs"):
            found[f"{kind.removesuffix('Configs').lower()}_configs"] = [
                {field: each[field] for field in _CHANNELS if field in each} for each in integrations
            ]
    return found
