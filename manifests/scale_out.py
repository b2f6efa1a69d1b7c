"""What makes one Prometheus many, or sends its samples on: parts of its custom resource's `spec`."""

from typing import Any, Final

from manifests.charts import THANOS_IMAGE
from settings.fields import NODE_EXPORTER_SUFFIX
from settings.prometheus import PrometheusSettings
from settings.scale_out import RemoteWriteCredentials, RemoteWriteSettings, ThanosSettings

# The operator's own: a target with the first is scraped by every shard; the second, hashed, chooses the shard.
_EVERY_SHARD: Final = "__tmp_disable_sharding"
_HASHED: Final = "__tmp_hash"


def scale_out(settings: PrometheusSettings) -> dict[str, Any]:
    """The fields of a `spec` that the settings of scale-out ask for; none for a single Prometheus by itself."""
    fields: dict[str, Any] = {}
    if settings.shards > 1:
        fields["shards"] = settings.shards
    if settings.remote_write:
        fields["remoteWrite"] = [_remote_write(each) for each in settings.remote_write]
    if settings.remote_write_receiver:
        fields["enableRemoteWriteReceiver"] = True
    if settings.thanos:
        fields["thanos"] = _thanos(settings.thanos)
    return fields


def sharding(settings: PrometheusSettings, *, namespace: str) -> list[dict[str, Any]]:
    """Which shard scrapes a target, as relabelings that apply to every monitor; a monitor's own come after them.

    None for a single shard.

    A rule sees only what its own shard has scraped, and every shard evaluates every rule. So what many rules join, or
    miss when it is absent, is scraped by all: the stack's own components, in its namespaces. Of everything else a job
    stays together, because rules add up a job's targets; but kubelets, of which no rule does and every node has one.
    """
    if settings.shards == 1:
        return []
    return [
        {
            "sourceLabels": ["__meta_kubernetes_namespace"],
            "regex": f"{namespace}({NODE_EXPORTER_SUFFIX})?",
            "targetLabel": _EVERY_SHARD,
            "replacement": "true",
        },
        {"sourceLabels": ["job"], "targetLabel": _HASHED},
        {"sourceLabels": ["job", "__address__"], "regex": "kubelet;(.+)", "targetLabel": _HASHED},
    ]


def query_url(settings: PrometheusSettings, *, service: str) -> str:
    """Where to ask for every sample: what the samples are sent to if the stack names it, else Prometheus's Service."""
    return settings.query_url or service


def _remote_write(settings: RemoteWriteSettings) -> dict[str, Any]:
    queue = settings.queue
    return {
        "name": settings.name,
        "url": settings.url,
        "queueConfig": {
            "capacity": queue.capacity,
            "maxShards": queue.max_shards,
            "maxSamplesPerSend": queue.max_samples_per_send,
        },
        **(_credentials(settings.credentials) if settings.credentials else {}),
        **({"headers": dict(settings.headers)} if settings.headers else {}),
        **(
            {
                "writeRelabelConfigs": [
                    {"action": rule.action, "sourceLabels": [rule.label], "regex": rule.regex}
                    for rule in settings.write_relabel
                ]
            }
            if settings.write_relabel
            else {}
        ),
    }


def _credentials(settings: RemoteWriteCredentials) -> dict[str, Any]:
    if basic := settings.basic_auth:
        username, password = (_selected(basic.secret, key) for key in (basic.username_key, basic.password_key))
        return {"basicAuth": {"username": username, "password": password}}
    if bearer := settings.bearer:
        return {"authorization": {"type": "Bearer", "credentials": _selected(bearer.secret, bearer.key)}}
    if sigv4 := settings.sigv4:
        if not sigv4.secret:
            return {"sigv4": {"region": sigv4.region}}
        keys = {"accessKey": sigv4.access_key, "secretKey": sigv4.secret_key}
        selected = {field: _selected(sigv4.secret, key) for field, key in keys.items()}
        return {"sigv4": {"region": sigv4.region, **selected}}
    return {}


def _thanos(settings: ThanosSettings) -> dict[str, Any]:
    return {
        "image": str(THANOS_IMAGE),
        "version": THANOS_IMAGE.version,
        "resources": settings.resources.specification,
        **(
            {"objectStorageConfig": _selected(settings.object_storage.secret, settings.object_storage.key)}
            if settings.object_storage
            else {}
        ),
    }


def _selected(secret: str, key: str) -> dict[str, str]:
    return {"name": secret, "key": key}
