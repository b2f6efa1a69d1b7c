"""Which PostgreSQL and Redis servers a stack watches, each through an exporter of its own."""

from collections.abc import Mapping
from typing import Annotated

from common.problems import Problem
from settings.base import SettingsModel
from settings.exporters import SmallResources
from settings.fields import (
    DatabaseName,
    Endpoint,
    Flag,
    InstanceName,
    Name,
    OptionalInterval,
    SecretKey,
    SecretName,
    one_of,
)
from settings.list_checks import iter_items, repeated_names


class RedisSecret(SettingsModel):
    """An existing Secret in the stack's namespace, and its key that holds the password."""

    name: SecretName
    password_key: SecretKey = "password"


class PostgresSecret(RedisSecret):
    """An existing Secret in the stack's namespace, and its keys that hold user and password."""

    username_key: SecretKey = "username"


class DatabaseSettings(SettingsModel):
    """What every server has: its own name and address, and the service and team that its series are about."""

    name: InstanceName
    address: Endpoint
    service: Name
    team: Name = "platform"
    scrape_interval: OptionalInterval = None
    resources: SmallResources = SmallResources()


class PostgresSettings(DatabaseSettings):
    """A PostgreSQL server; `ssl_mode` is libpq's."""

    database: DatabaseName = "postgres"
    ssl_mode: Annotated[str, one_of("disable", "allow", "prefer", "require", "verify-ca", "verify-full")] = "require"
    secret: PostgresSecret


class RedisSettings(DatabaseSettings):
    """A Redis server; without a Secret it is asked without a password."""

    tls: Flag = False
    secret: RedisSecret | None = None


def database_problems(values: Mapping[str, object]) -> list[Problem]:
    """What is wrong between the servers of one kind in a stack's values as written."""
    return [
        problem
        for key, kind in (("postgres", "PostgreSQL server"), ("redis", "Redis server"))
        for problem in repeated_names(iter_items(key, values.get(key)), kind)
    ]
