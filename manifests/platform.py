"""What the settings of a stack name as monitored."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from catalogue.platform import (
    BATCH_ACCOUNTS,
    UNSUPPORTED_COLLECTORS,
    ExcludedDays,
    Exclusion,
    ExpectedTarget,
    Platform,
)
from common.exporters import POSTGRES_EXPORTER, REDIS_EXPORTER
from common.quantities import parse_size
from settings.databases import DatabaseSettings, PostgresSettings
from settings.probes import Probe
from settings.services import PROBE_JOB_PREFIX
from settings.stack import ExcludedDaySettings, StackSettings


def monitored_platform(settings: StackSettings) -> Platform:
    """Return the services, probes and servers that the settings name, with the labels of their series."""
    services = (
        ExpectedTarget(kind="service", namespace=each.namespace, job=each.name, service=each.name, team=each.team)
        for each in settings.services
    )
    probes = settings.probes
    addresses: list[tuple[Probe, str]] = [(probe, probe.url) for probe in probes.http]
    addresses += ((probe, probe.address) for probe in (*probes.tls, *probes.tcp))
    return Platform(
        targets=(
            *services,
            *(_probe(probe, address, settings.namespace) for probe, address in addresses),
            *(_server("postgres", POSTGRES_EXPORTER.name, each, settings.namespace) for each in settings.postgres),
            *(_server("redis", REDIS_EXPORTER.name, each, settings.namespace) for each in settings.redis),
        ),
        sharded=settings.prometheus.shards > 1,
        exclusions=tuple(exclusion for each in settings.postgres for exclusion in _exclusions(each)),
        body_size_limits={
            "platform": parse_size(settings.prometheus.scrape_limits.platform.body_size),
            "teams": parse_size(settings.prometheus.scrape_limits.teams.body_size),
        },
        excluded_days=tuple(_excluded_days(each) for each in settings.alerts.calendar),
    )


def _excluded_days(days: ExcludedDaySettings) -> ExcludedDays:
    zone = ZoneInfo(days.timezone)
    first, last = (datetime.fromisoformat(date).replace(tzinfo=zone) for date in (days.date, days.until or days.date))
    # A day is added before the zone's offset applies, so the last day ends at midnight even if the clock changes on it.
    return ExcludedDays(begin=int(first.timestamp()), end=int((last + timedelta(days=1)).timestamp()))


def _probe(probe: Probe, address: str, namespace: str) -> ExpectedTarget:
    job = f"{PROBE_JOB_PREFIX}{probe.name}"
    return ExpectedTarget(
        kind="probe", namespace=namespace, job=job, service=probe.service, team=probe.team, instance=address
    )


def _server(kind: str, job: str, server: DatabaseSettings, namespace: str) -> ExpectedTarget:
    return ExpectedTarget(
        kind=kind, namespace=namespace, job=job, service=server.service, team=server.team, instance=server.name
    )


def _exclusions(server: PostgresSettings) -> Iterator[Exclusion]:
    labels = {"service": server.service, "instance": server.name}
    for account in server.batch_accounts:
        # The collector of sessions calls an account `usename`, that of statements `user`.
        yield Exclusion(record=BATCH_ACCOUNTS, labels={**labels, "usename": account, "user": account})
    for collector in server.disabled_collectors:
        yield Exclusion(record=UNSUPPORTED_COLLECTORS, labels={**labels, "collector": collector})
