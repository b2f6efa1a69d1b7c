"""Where a stack sends its samples besides its own volumes, and how."""

import re
from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, model_validator

from settings.base import AS_TUPLE, SettingsModel
from settings.fields import (
    BaseUrl,
    KeepOrDrop,
    LabelName,
    Name,
    ObjectName,
    Region,
    RegularExpression,
    SecretKey,
    SecretName,
    refuse,
    whole_number,
)
from settings.resources import Resources

_HEADER: Final = r"[A-Za-z0-9-]{1,64}"
# Prometheus sets the former itself; a credential belongs into a Secret.
_NOT_A_HEADER: Final = re.compile(
    r"(content-|x-prometheus-|user-agent$|host$)|auth|cookie|token|password|secret|key", re.I
)


class BasicAuth(SettingsModel):
    """A user and a password, both in one Secret."""

    secret: SecretName
    username_key: SecretKey = "username"
    password_key: SecretKey = "password"


class Bearer(SettingsModel):
    """A token in a Secret."""

    secret: SecretName
    key: SecretKey = "token"


class Sigv4(SettingsModel):
    """AWS's signature: with the keys of a Secret or, without one, those that the pod finds."""

    region: Region
    secret: ObjectName = None
    access_key: SecretKey = "accessKey"
    secret_key: SecretKey = "secretKey"


class Credentials(SettingsModel):
    """How the receiver knows this stack; at most one way."""

    basic_auth: BasicAuth | None = None
    bearer: Bearer | None = None
    sigv4: Sigv4 | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise refuse("one of basicAuth, bearer, sigv4", found=f"{len(self.model_fields_set)} ways to log in")
        return self


class Queue(SettingsModel):
    """How samples wait and travel; Prometheus's own defaults. Each of up to `max_shards` senders has a queue."""

    capacity: Annotated[int, whole_number(100, 1_000_000)] = 10_000
    max_shards: Annotated[int, whole_number(1, 1_000)] = 50
    max_samples_per_send: Annotated[int, whole_number(10, 100_000)] = 2_000

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.capacity < self.max_samples_per_send:
            raise refuse(
                f"maxSamplesPerSend ({self.max_samples_per_send}) or more", key="capacity", found=str(self.capacity)
            )
        return self


class WriteRule(SettingsModel):
    """Sends only (`keep`), or does not send (`drop`), the series of which a label matches."""

    action: KeepOrDrop
    label: LabelName = "__name__"
    regex: RegularExpression


def _headers(value: object) -> object:
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
        raise refuse("a mapping of header names to texts")
    for name in value:
        if not isinstance(name, str) or not re.fullmatch(_HEADER, name) or _NOT_A_HEADER.search(name):
            allowed = "the name of a header such as X-Scope-OrgID, neither one of Prometheus's own nor a credential's"
            raise refuse(allowed, key=str(name), found=f"a header {name}")
    return value


class RemoteWriteSettings(SettingsModel):
    """A receiver of samples over Prometheus's remote write protocol."""

    name: Name
    url: BaseUrl
    credentials: Credentials | None = None
    headers: Annotated[Mapping[str, str], BeforeValidator(_headers)] = Field(default_factory=dict)
    queue: Queue = Queue()
    write_relabel: Annotated[tuple[WriteRule, ...], AS_TUPLE] = ()


class ObjectStorage(SettingsModel):
    """The Secret that holds Thanos's object storage configuration."""

    secret: SecretName
    key: SecretKey = "objstore.yml"


class ThanosSettings(SettingsModel):
    """A sidecar that answers Thanos's queries and, with object storage, uploads each block."""

    object_storage: ObjectStorage | None = None
    resources: Resources = Resources()
