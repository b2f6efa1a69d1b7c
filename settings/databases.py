"""Settings of the monitored PostgreSQL and Redis servers, one exporter per server."""

from collections.abc import Mapping
from typing import Annotated

from common.problems import Problem
from settings.base import SettingsModel
from settings.exporters import SmallResources
from settings.fields import DatabaseName, Endpoint, Flag, InstanceName, Name, OptionalInterval, SecretKey, SecretName
from settings.list_checks import iter_items, repeated_name_problems
from settings.validators import one_of


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
    """A PostgreSQL server; `ssl_mode` is libpq's sslmode."""

    database: DatabaseName = "postgres"
    ssl_mode: Annotated[str, one_of("disable", "allow", "prefer", "require", "verify-ca", "verify-full")] = "require"
    secret: PostgresSecret


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
