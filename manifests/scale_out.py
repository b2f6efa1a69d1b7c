"""Sharding, remote write, remote read and Thanos in the spec of the Prometheus resource."""

from typing import Any, Final

from manifests.charts import THANOS_IMAGE
from settings.fields import NODE_EXPORTER_SUFFIX
from settings.prometheus import PrometheusSettings
from settings.scale_out import RemoteReadSettings, RemoteWriteCredentials, RemoteWriteSettings, ThanosSettings

# Labels of the operator: all shards scrape a target that has the first; the hash of the second selects the shard.
_ALL_SHARDS_LABEL: Final = "__tmp_disable_sharding"
_HASH_LABEL: Final = "__tmp_hash"


def scale_out_fields(settings: PrometheusSettings, environment: str) -> dict[str, Any]:
    """Return the fields of the `spec` for scale-out settings; empty without any."""
    fields: dict[str, Any] = {}
    if settings.shards > 1:
        fields["shards"] = settings.shards
    if settings.remote_write:
        fields["remoteWrite"] = [_remote_write(receiver) for receiver in settings.remote_write]
    if settings.remote_write_receiver:
        fields["enableRemoteWriteReceiver"] = True
    if settings.remote_read:
        fields["remoteRead"] = [_remote_read(source) for source in settings.remote_read]
    if settings.thanos:
        fields["thanos"] = _thanos(settings.thanos, environment)
    return fields


def sharding_relabelings(settings: PrometheusSettings, *, namespace: str) -> list[dict[str, Any]]:
    """Return the relabelings that assign targets to shards; empty for a single shard.

    They apply to every monitor, before its own relabelings.

    Every shard evaluates every rule, on the series that it has scraped itself. Therefore all shards scrape the stack's
    own components, in its namespaces: many rules join their metrics or detect their absence. All targets of any other
    job are in one shard, because rules aggregate over the targets of a job. Kubelets are distributed by address: every
    node has one, and no rule aggregates over them.
    """
    if settings.shards == 1:
        return []
    return [
        {
            "sourceLabels": ["__meta_kubernetes_namespace"],
            "regex": f"{namespace}({NODE_EXPORTER_SUFFIX})?",
            "targetLabel": _ALL_SHARDS_LABEL,
            "replacement": "true",
        },
        {"sourceLabels": ["job"], "targetLabel": _HASH_LABEL},
        {"sourceLabels": ["job", "__address__"], "regex": "kubelet;(.+)", "targetLabel": _HASH_LABEL},
    ]


def query_url(settings: PrometheusSettings, *, service: str) -> str:
    """Return the URL for queries over all samples; `service` unless a stack sets one."""
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


def _remote_read(settings: RemoteReadSettings) -> dict[str, Any]:
    return {
        "name": settings.name,
        "url": settings.url,
        # Only queries with these matchers read from it. No rule has them, so a slow or missing source delays no alert,
        # and no alert sees a series twice.
        "requiredMatchers": dict(settings.required_matchers),
        # A query that names the source wants all of its samples, not only those from before this Prometheus.
        "readRecent": True,
        # Prometheus would otherwise request only series with its own external labels, which the source does not have.
        "filterExternalLabels": False,
    }


def _credentials(settings: RemoteWriteCredentials) -> dict[str, Any]:
    if basic := settings.basic_auth:
        username, password = (_key_selector(basic.secret, key) for key in (basic.username_key, basic.password_key))
        return {"basicAuth": {"username": username, "password": password}}
    if bearer := settings.bearer:
        return {"authorization": {"type": "Bearer", "credentials": _key_selector(bearer.secret, bearer.key)}}
    if sigv4 := settings.sigv4:
        if not sigv4.secret:
            return {"sigv4": {"region": sigv4.region}}
        keys = {"accessKey": sigv4.access_key, "secretKey": sigv4.secret_key}
        selected = {field: _key_selector(sigv4.secret, key) for field, key in keys.items()}
        return {"sigv4": {"region": sigv4.region, **selected}}
    return {}


def _thanos(settings: ThanosSettings, environment: str) -> dict[str, Any]:
    return {
        "image": THANOS_IMAGE.reference(environment),
        "version": THANOS_IMAGE.version,
        "resources": settings.resources.specification,
        **(
            {"objectStorageConfig": _key_selector(settings.object_storage.secret, settings.object_storage.key)}
            if settings.object_storage
            else {}
        ),
    }


def _key_selector(secret: str, key: str) -> dict[str, str]:
    return {"name": secret, "key": key}
