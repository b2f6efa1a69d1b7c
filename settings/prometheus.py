"""Settings of Prometheus."""

from typing import Annotated, Final, Self

from pydantic import model_validator

from common.labels import SELECTOR_VALUE
from common.quantities import parse_quantity, parse_size, share_of_volume
from settings.base import AS_TUPLE, SettingsModel
from settings.fields import (
    Bytes,
    Cores,
    Flag,
    Interval,
    Name,
    ObjectName,
    OptionalBaseUrl,
    OptionalSize,
    PrometheusVolumeSize,
    Retention,
)
from settings.resources import Limits, Requests, Resources
from settings.scale_out import RemoteReadSettings, RemoteWriteSettings, ThanosSettings
from settings.scrape_limits import QuerySettings, ScrapeLimitsSettings
from settings.validators import invalid_value, whole_number

# Percent of the volume that blocks, write-ahead log and head chunks together may fill, by default and at most. The rest
# is for compaction: until it completes, both the new blocks and those that they replace take space.
_DEFAULT_RETENTION_PERCENT: Final = 85
_MAX_RETENTION_PERCENT: Final = 90


class PrometheusRequests(Requests):
    """Resource requests of a Prometheus pod."""

    cpu: Cores = "500m"
    memory: Bytes = "2Gi"


class PrometheusLimits(Limits):
    """Resource limits of a Prometheus pod."""

    memory: Bytes = "4Gi"


class PrometheusResources(Resources):
    """Resource requests and limits of a Prometheus pod, which holds the newest samples in memory."""

    requests: PrometheusRequests = PrometheusRequests()
    limits: PrometheusLimits = PrometheusLimits()


class PrometheusVolume(SettingsModel):
    """The persistent volume of each Prometheus replica, and the bytes of it that metrics may fill."""

    size: PrometheusVolumeSize = "50Gi"
    storage_class: ObjectName = None
    retention_size: OptionalSize = None

    @model_validator(mode="after")
    def _check_retention_size(self) -> Self:
        if (
            self.retention_size
            and parse_size(self.retention_size) > parse_quantity(self.size) * _MAX_RETENTION_PERCENT / 100
        ):
            limit = share_of_volume(self.size, _MAX_RETENTION_PERCENT)
            raise invalid_value(f"{limit} or less ({_MAX_RETENTION_PERCENT} % of the volume)", key="retentionSize")
        return self

    @property
    def effective_retention_size(self) -> str:
        """Return the configured retention size or its default, as a Prometheus size."""
        return self.retention_size or share_of_volume(self.size, _DEFAULT_RETENTION_PERCENT)


class PrometheusSettings(SettingsModel):
    """Prometheus: replicas and shards, retention, intervals, volume, resources and scale-out."""

    replicas: Annotated[int, whole_number(1, 10)] = 2
    shards: Annotated[int, whole_number(1, 32)] = 1
    selector: Name = SELECTOR_VALUE
    retention: Retention = "15d"
    scrape_interval: Interval = "30s"
    evaluation_interval: Interval = "30s"
    storage: PrometheusVolume = PrometheusVolume()
    resources: PrometheusResources = PrometheusResources()
    remote_write: Annotated[tuple[RemoteWriteSettings, ...], AS_TUPLE] = ()
    remote_write_receiver: Flag = False
    remote_read: Annotated[tuple[RemoteReadSettings, ...], AS_TUPLE] = ()
    scrape_limits: ScrapeLimitsSettings = ScrapeLimitsSettings()
    queries: QuerySettings = QuerySettings()
    rule_results: Annotated[int, whole_number(1_000, 1_000_000)] = 50_000
    query_url: OptionalBaseUrl = None
    thanos: ThanosSettings | None = None

    @model_validator(mode="after")
    def _check_scale_out(self) -> Self:
        if self.shards > 1 and not (self.remote_write or self.thanos):
            raise invalid_value(
                "1, or remoteWrite or thanos to query all samples, because each shard has only its own", key="shards"
            )
        for key, peers in (("remoteWrite", self.remote_write), ("remoteRead", self.remote_read)):
            names = [peer.name for peer in peers]
            if repeated := sorted({name for name in names if names.count(name) > 1}):
                raise invalid_value("a unique name for each", key=key, found=f"{repeated[0]} more than once")
        return self
