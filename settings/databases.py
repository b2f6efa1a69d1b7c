"""Settings of the monitored PostgreSQL and Redis servers, one exporter per server."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator

from common.problems import Problem
from settings.base import SettingsModel
from settings.exporters import SmallResources
from settings.fields import (
    WITHOUT,
    AccountName,
    Collector,
    DatabaseName,
    Endpoint,
    Flag,
    InstanceName,
    Name,
    OptionalInterval,
    SecretKey,
    SecretName,
)
from settings.list_checks import iter_items, repeated_name_problems
from settings.validators import invalid_value, one_of


def _accounts_to_tuple(value: object) -> object:
    if not isinstance(value, list):
        raise invalid_value("a list of database accounts such as [backup]")
    return tuple(value)


def _collectors_to_tuple(value: object) -> object:
    if not isinstance(value, list):
        raise invalid_value("a list of collectors such as [no-wal]")
    names = [str(each).removeprefix(WITHOUT) for each in value]
    if len(names) != len(set(names)):
        raise invalid_value("each collector once")
    return tuple(value)


class RedisSecret(SettingsModel):
    """An existing Secret in the stack's namespace, and the key of the password in it."""

    name: SecretName
    password_key: SecretKey = "password"


class PostgresSecret(RedisSecret):
    """An existing Secret in the stack's namespace, and the keys of user name and password in it."""

    username_key: SecretKey = "username"


class DatabaseSettings(SettingsModel):
    """A monitored server: unique name, address, scraping, and the labels `service` and `team` of its series."""

    name: InstanceName
    address: Endpoint
    service: Name
    team: Name = "platform"
    scrape_interval: OptionalInterval = None
    resources: SmallResources = SmallResources()


class PostgresSettings(DatabaseSettings):
    """A PostgreSQL server.

    Attributes:
        database: The database to log in to.
        ssl_mode: libpq's sslmode.
        secret: Name and password to log in with.
        batch_accounts: Accounts whose transactions and statements may take long, such as that of a nightly dump.
        collectors: Collectors of the exporter to enable, or with `no-` to disable.
    """

    database: DatabaseName = "postgres"
    ssl_mode: Annotated[str, one_of("disable", "allow", "prefer", "require", "verify-ca", "verify-full")] = "require"
    secret: PostgresSecret
    batch_accounts: Annotated[tuple[AccountName, ...], BeforeValidator(_accounts_to_tuple)] = ()
    collectors: Annotated[tuple[Collector, ...], BeforeValidator(_collectors_to_tuple)] = ()

    @property
    def enabled_collectors(self) -> tuple[str, ...]:
        """Collectors that this server adds to those of the catalogue."""
        return tuple(name for name in self.collectors if not name.startswith(WITHOUT))

    @property
    def disabled_collectors(self) -> tuple[str, ...]:
        """Collectors that this server does not support."""
        return tuple(name.removeprefix(WITHOUT) for name in self.collectors if name.startswith(WITHOUT))


class RedisSettings(DatabaseSettings):
    """A Redis server; without a Secret, the exporter connects without a password."""

    tls: Flag = False
    secret: RedisSecret | None = None


def database_problems(values: Mapping[str, object]) -> list[Problem]:
    """Return a problem for each server that shares its name with another of its kind, from a stack's raw values."""
    return [
        problem
        for key, kind in (("postgres", "PostgreSQL server"), ("redis", "Redis server"))
        for problem in repeated_name_problems(iter_items(key, values.get(key)), kind)
    ]
