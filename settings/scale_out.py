"""Settings of remote write, remote read and Thanos."""

import re
from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, model_validator

from settings.base import AS_TUPLE, SettingsModel
from settings.fields import (
    BaseUrl,
    HeaderValue,
    KeepOrDrop,
    LabelName,
    Name,
    OptionalSecretName,
    PlainText,
    Region,
    RegularExpression,
    SecretKey,
    SecretName,
)
from settings.resources import Resources
from settings.validators import invalid_value, whole_number

_MOST_HEADERS: Final = 32
_HEADER_NAME: Final = r"[A-Za-z0-9-]{1,64}"
# Header names that Prometheus sets itself, and those that may carry a credential, which belongs in a Secret.
_RESERVED_HEADER: Final = re.compile(
    r"(content-|x-prometheus-|user-agent$|host$)|auth|cookie|token|password|secret|key", re.I
)


class BasicAuth(SettingsModel):
    """HTTP basic authentication, with user name and password in one Secret."""

    secret: SecretName
    username_key: SecretKey = "username"
    password_key: SecretKey = "password"


class Bearer(SettingsModel):
    """A bearer token in a Secret."""

    secret: SecretName
    key: SecretKey = "token"


class Sigv4(SettingsModel):
    """AWS Signature Version 4, with the keys in a Secret or, without one, the pod's own AWS credentials."""

    region: Region
    secret: OptionalSecretName = None
    access_key: SecretKey = "accessKey"
    secret_key: SecretKey = "secretKey"


class RemoteWriteCredentials(SettingsModel):
    """Authentication at the receiver, by exactly one method."""

    basic_auth: BasicAuth | None = None
    bearer: Bearer | None = None
    sigv4: Sigv4 | None = None

    @model_validator(mode="after")
    def _check_single_method(self) -> Self:
        if len(self.model_fields_set) != 1:
            found = f"{len(self.model_fields_set)} authentication methods"
            raise invalid_value("exactly one of basicAuth, bearer, sigv4", found=found)
        return self


class Queue(SettingsModel):
    """The queue of samples per sending shard, with Prometheus's own defaults."""

    capacity: Annotated[int, whole_number(100, 1_000_000)] = 10_000
    max_shards: Annotated[int, whole_number(1, 1_000)] = 50
    max_samples_per_send: Annotated[int, whole_number(10, 100_000)] = 2_000

    @model_validator(mode="after")
    def _check_capacity(self) -> Self:
        if self.capacity < self.max_samples_per_send:
            raise invalid_value(
                f"maxSamplesPerSend ({self.max_samples_per_send}) or more", key="capacity", found=str(self.capacity)
            )
        return self


class WriteRule(SettingsModel):
    """A rule that sends only (`keep`) or does not send (`drop`) the series whose label matches `regex`."""

    action: KeepOrDrop
    label: LabelName = "__name__"
    regex: RegularExpression


def _check_headers(value: object) -> object:
    if not isinstance(value, Mapping) or len(value) > _MOST_HEADERS:
        raise invalid_value(f"a mapping of header names to strings, at most {_MOST_HEADERS}")
    for name in value:
        if not isinstance(name, str) or not re.fullmatch(_HEADER_NAME, name) or _RESERVED_HEADER.search(name):
            allowed = "a header such as X-Scope-OrgID, not one that Prometheus sets or that carries a credential"
            raise invalid_value(allowed, key=str(name), found=f"the header {name}")
    return value


class RemoteWriteSettings(SettingsModel):
    """A receiver of samples over the Prometheus remote write protocol."""

    name: Name
    url: BaseUrl
    credentials: RemoteWriteCredentials | None = None
    headers: Annotated[Mapping[str, HeaderValue], BeforeValidator(_check_headers)] = Field(default_factory=dict)
    queue: Queue = Queue()
    write_relabel: Annotated[tuple[WriteRule, ...], AS_TUPLE] = ()


def _check_required_matchers(value: object) -> object:
    if not isinstance(value, Mapping) or not value:
        raise invalid_value(
            "a mapping of label names to values, at least one: rules never name it, so they never wait for this source"
        )
    return value


class RemoteReadSettings(SettingsModel):
    """A source of older samples, for the queries that name its labels."""

    name: Name
    url: BaseUrl
    required_matchers: Annotated[Mapping[LabelName, PlainText], BeforeValidator(_check_required_matchers)]


class ObjectStorage(SettingsModel):
    """The Secret with Thanos's object storage configuration, and the key in it."""

    secret: SecretName
    key: SecretKey = "objstore.yml"


class ThanosSettings(SettingsModel):
    """The Thanos sidecar, which serves queries and, with object storage, uploads each block."""

    object_storage: ObjectStorage | None = None
    resources: Resources = Resources()
