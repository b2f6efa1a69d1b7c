"""The platform of one stack, as far as rules depend on it: what is monitored, and whom it belongs to."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# One series per target that the settings name. Alerts on absence read it: what is gone has no series of its own.
EXPECTED_TARGETS: Final = "stack:expected_targets:info"
# Begins the names of all series that are recorded from the settings of a stack.
FROM_SETTINGS: Final = "stack:"
# Recorded like it, one series per account or collector of a server that the settings exclude from alerts.
BATCH_ACCOUNTS: Final = "stack:postgres_batch_accounts:info"
UNSUPPORTED_COLLECTORS: Final = "stack:postgres_unsupported_collectors:info"
# The largest body of a scrape in bytes, for each of the owners below. Prometheus exposes its other limits itself.
BODY_SIZE_LIMIT: Final = "stack:scrape_body_size_limit:bytes"
# Label of every alert of this catalogue. Only alerts that have it page, inhibit others or prove that Prometheus is
# alive, so no rule of another team can do so by taking the name of one of these alerts.
CATALOGUE_LABEL: Final = ("catalogue", "bais")

# A series, for each number of weeks from 0 to 4, that exists while the time that many weeks ago is on an excluded day.
EXCLUDED_DAY: Final = "stack:excluded_day:info"

_GROUP: Final = "availability.expected-targets"
_EXCLUSIONS: Final = "database.exclusions"
_SCRAPE_LIMITS: Final = "monitoring.scrape-limits"
_CALENDAR_GROUP: Final = "availability.excluded-days"
# Comparisons read up to four previous weeks, and rates over up to an hour.
_COMPARED_WEEKS: Final = 4
_HOUR: Final = 3600
_WEEK: Final = 7 * 24 * _HOUR
# Metrics of the contract, which applications expose, and the series recorded from them: the history of a service that
# was renamed or removed remains for weeks.
_CONTRACT: Final = re.compile(r"([a-z_]+:)?(bais|http)_")
_TOKEN: Final = re.compile(
    r"""(?P<skipped>\#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<metric>[A-Za-z_:][\w:]*)(?P<brace>\s*{)?"""
)


@dataclass(frozen=True, kw_only=True)
class ExpectedTarget:
    """A scrape target, or several of the same labels, that the stack's settings name.

    Attributes:
        kind: `service`, `probe`, `postgres` or `redis`.
        namespace: Namespace of its series.
        job: Job of its series.
        service: Service that its alerts are about.
        team: Team that it belongs to.
        instance: Label `instance` where it identifies the target: the address of a probe, the name of a server.
    """

    kind: str
    namespace: str
    job: str
    service: str
    team: str
    instance: str | None = None


@dataclass(frozen=True, kw_only=True)
class Exclusion:
    """What the settings of a server exclude from alerts, with the labels of its series."""

    record: str
    labels: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ExcludedDays:
    """One or more days that are compared with no other week, from `begin` to before `end` in Unix time."""

    begin: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Everything that the settings of a stack name as monitored, and the days on which its load is unusual.

    With `sharded`, each Prometheus scrapes the services and probes of only some jobs. `body_size_limits` holds the
    bytes that one scrape may have, by the owner of the job: `platform` and `teams`.
    """

    targets: tuple[ExpectedTarget, ...] = ()
    sharded: bool = False
    exclusions: tuple[Exclusion, ...] = ()
    excluded_days: tuple[ExcludedDays, ...] = ()
    body_size_limits: Mapping[str, int] = field(default_factory=dict)

    def expected_targets(self) -> dict[str, Any]:
        """Return the group of rules that records each expected target as a series of value 1.

        A shard expects the jobs that it has scraped within a day, because the others belong to other shards.
        """
        return {"name": _GROUP, "rules": [_recording(target, self._expectation(target)) for target in self.targets]}

    def _expectation(self, target: ExpectedTarget) -> str:
        if not self.sharded or target.kind not in ("service", "probe"):
            return "vector(1)"
        selector = f"up{{namespace={json.dumps(target.namespace)}, job={json.dumps(target.job)}}}"
        return f"group(last_over_time({selector}[1d]))"

    def recorded_exclusions(self) -> dict[str, Any]:
        """Return the group of rules that records each exclusion as a series of value 1."""
        rules = [{"record": each.record, "expr": "vector(1)", "labels": dict(each.labels)} for each in self.exclusions]
        return {"name": _EXCLUSIONS, "rules": rules}

    def scrape_limits(self) -> dict[str, Any]:
        """Return the group of rules that records the limits of scrapes that Prometheus does not expose."""
        rules = [
            {"record": BODY_SIZE_LIMIT, "expr": f"vector({limit})", "labels": {"owner": owner}}
            for owner, limit in self.body_size_limits.items()
        ]
        return {"name": _SCRAPE_LIMITS, "rules": rules}

    def calendar(self) -> dict[str, Any]:
        """Return the group of rules that records whether now, or some weeks ago, is on an excluded day.

        The past is computed from the settings, so a day that is added later counts, too. An excluded day lasts an hour
        longer, because a rate reaches back that far. Past days begin an hour earlier and end another one later, because
        a comparison tolerates a shift of an hour.
        """
        return {
            "name": _CALENDAR_GROUP,
            "rules": [
                {
                    "record": EXCLUDED_DAY,
                    "expr": "\nor\n".join(_excluded(days, weeks) for days in self.excluded_days),
                    "labels": {"weeks_ago": str(weeks)},
                }
                for weeks in range(_COMPARED_WEEKS + 1)
            ],
        }

    def restrict(self, expression: str) -> str:
        """Return an expression that reads the metrics of the contract only from the platform's services.

        Other teams' applications may expose metrics of the same name.
        """
        services = [target for target in self.targets if target.kind == "service"]
        # Without any, it is not known which services are the platform's.
        if not services:
            return expression
        matchers = ", ".join(
            f"{name}{_matches(getattr(target, name) for target in services)}" for name in ("namespace", "job")
        )

        def replace(token: re.Match[str]) -> str:
            if not _CONTRACT.match(token["metric"] or ""):
                return token[0]
            return f"{token['metric']}{{{matchers}" + (", " if token["brace"] else "}")

        return _TOKEN.sub(replace, expression)

    def team_label(self, default: str) -> str:
        """Return the value of an alert's label `team`: the team of its service, or else the default of the alert.

        It is a template of Prometheus if any service belongs to another team than its alerts by default.
        """
        # A service's own team before that of its probes and servers.
        teams = {target.service: target.team for target in reversed(self.targets) if target.team != DEFAULT_TEAM}
        branches = "".join(
            f"{{{{ if eq $labels.service {json.dumps(service)} }}}}{team}{{{{ else }}}}"
            for service, team in sorted(teams.items())
        )
        return f"{branches}{default}{'{{ end }}' * len(teams)}"


# Team of a service whose settings name none; its alerts keep the team of the catalogue.
DEFAULT_TEAM: Final = "platform"


def _recording(target: ExpectedTarget, expression: str) -> dict[str, Any]:
    labels: Mapping[str, str] = {
        "kind": target.kind,
        "namespace": target.namespace,
        "job": target.job,
        "service": target.service,
        **({"instance": target.instance} if target.instance else {}),
    }
    return {"record": EXPECTED_TARGETS, "expr": expression, "labels": dict(labels)}


def _excluded(days: ExcludedDays, weeks: int) -> str:
    begin = days.begin + weeks * _WEEK - (_HOUR if weeks else 0)
    end = days.end + weeks * _WEEK + (2 * _HOUR if weeks else _HOUR)
    return f"(vector(time()) >= {begin} < {end}) * 0 + 1"


def _matches(names: Iterable[str]) -> str:
    """Return the operator and the value of a matcher for one of these names."""
    # Names of services and namespaces have letters, digits and hyphens only: nothing to escape.
    alternatives = list(dict.fromkeys(names))
    return ("=~" if len(alternatives) > 1 else "=") + json.dumps("|".join(alternatives))
