from collections.abc import Mapping
from typing import Any, Final

import pytest

from manifests.charts import THANOS_IMAGE
from manifests.scale_out import query_url, scale_out_fields
from manifests.volume_claims import prometheus_claims
from settings.prometheus import PrometheusSettings
from tests.components.production import production, run_production
from tests.settings.test_stack import problems
from tools.mocked_program import Run

RECEIVER: Final = {"name": "other", "url": "https://other.example/api/v1/write"}
CUSTOM: Final = "kubernetes:monitoring.coreos.com/v1"
HEADER = "printable ASCII without leading or trailing spaces, $ and {{, at most 1024 characters"


def settings(**section: object) -> PrometheusSettings:
    return PrometheusSettings.model_validate(section)


def scale_out_spec(**section: object) -> dict[str, Any]:
    return scale_out_fields(settings(**section), "prod")


def program(**section: object) -> Run:
    prometheus = production().values["prometheus"]
    assert isinstance(prometheus, Mapping)
    return run_production(prometheus={**prometheus, **section})


def test_there_are_no_scale_out_fields_by_default() -> None:
    assert scale_out_spec() == {}


# --- remote write ---------------------------------------------------------------------------------------------------


def remote_write(**changes: object) -> dict[str, Any]:
    (receiver,) = scale_out_spec(remoteWrite=[{**RECEIVER, **changes}])["remoteWrite"]
    assert isinstance(receiver, dict)
    return receiver


def test_a_receiver_has_a_name_a_url_and_a_queue() -> None:
    queue = {"capacity": 10_000, "maxShards": 50, "maxSamplesPerSend": 2_000}
    assert remote_write() == {**RECEIVER, "queueConfig": queue}
    assert remote_write(queue={"capacity": 5_000})["queueConfig"] == {**queue, "capacity": 5_000}


@pytest.mark.parametrize(
    ("credentials", "field", "expected"),
    [
        (
            {"basicAuth": {"secret": "other", "passwordKey": "pass"}},
            "basicAuth",
            {"username": {"name": "other", "key": "username"}, "password": {"name": "other", "key": "pass"}},
        ),
        (
            {"bearer": {"secret": "other"}},
            "authorization",
            {"type": "Bearer", "credentials": {"name": "other", "key": "token"}},
        ),
        ({"sigv4": {"region": "eu-central-1"}}, "sigv4", {"region": "eu-central-1"}),
        (
            {"sigv4": {"region": "eu-central-1", "secret": "aws"}},
            "sigv4",
            {
                "region": "eu-central-1",
                "accessKey": {"name": "aws", "key": "accessKey"},
                "secretKey": {"name": "aws", "key": "secretKey"},
            },
        ),
    ],
)
def test_credentials_are_references_to_keys_of_a_secret(
    credentials: object, field: str, expected: Mapping[str, object]
) -> None:
    assert remote_write(credentials=credentials)[field] == expected


def test_headers_and_relabel_rules_reach_the_spec() -> None:
    rules = [{"action": "keep", "regex": "up|bais_.*"}, {"action": "drop", "label": "namespace", "regex": "kube-.*"}]
    receiver = remote_write(headers={"X-Scope-OrgID": "bais"}, writeRelabel=rules)
    assert receiver["headers"] == {"X-Scope-OrgID": "bais"}
    assert receiver["writeRelabelConfigs"] == [
        {"action": "keep", "sourceLabels": ["__name__"], "regex": "up|bais_.*"},
        {"action": "drop", "sourceLabels": ["namespace"], "regex": "kube-.*"},
    ]


@pytest.mark.parametrize(
    ("change", "key", "found", "allowed"),
    [
        (
            {"name": "Other"},
            ".name",
            '"Other"',
            "a Kubernetes name: lowercase letters, digits and -, at most 63 characters",
        ),
        (
            {"url": "https://u:hush@a.example"},
            ".url",
            "a hidden value",
            "an http or https URL without user, query, fragment, $ or ;",
        ),
        ({"credentials": {}}, ".credentials", "0 authentication methods", "exactly one of basicAuth, bearer, sigv4"),
        (
            {"credentials": {"bearer": {"secret": "a"}, "basicAuth": {"secret": "a"}}},
            ".credentials",
            "2 authentication methods",
            "exactly one of basicAuth, bearer, sigv4",
        ),
        (
            {"credentials": {"sigv4": {"region": "here"}}},
            ".credentials.sigv4.region",
            '"here"',
            "an AWS region such as eu-central-1",
        ),
        (
            {"queue": {"capacity": 1_000}},
            ".queue.capacity",
            "1000",
            "maxSamplesPerSend (2000) or more",
        ),
        (
            {"writeRelabel": [{"action": "replace", "regex": "a"}]},
            ".writeRelabel[0].action",
            '"replace"',
            "one of keep, drop",
        ),
        (
            {"writeRelabel": [{"action": "keep", "regex": "("}]},
            ".writeRelabel[0].regex",
            '"("',
            "a regular expression in RE2 syntax of at most 1024 characters without $(, "
            "which Prometheus anchors at both ends",
        ),
        (
            {"headers": {"Authorization": "hush"}},
            ".headers.Authorization",
            "the header Authorization",
            "a header such as X-Scope-OrgID, not one that Prometheus sets or that carries a credential",
        ),
        ({"headers": {"X": 1}}, ".headers.X", "1", HEADER),
        ({"headers": {"X-A": "$(X)"}}, ".headers.X-A", '"$(X)"', HEADER),
    ],
)
def test_an_invalid_receiver_is_reported_with_its_key_and_allowed_values(
    change: Mapping[str, object], key: str, found: str, allowed: str
) -> None:
    found_problems = problems(prometheus={"remoteWrite": [{**RECEIVER, **change}]})
    assert found_problems == [(f"monitoring:prometheus.remoteWrite[0]{key}", found, allowed)]
    assert "hush" not in repr(found_problems)


def test_names_of_receivers_are_unique() -> None:
    found_problems = problems(prometheus={"remoteWrite": [RECEIVER, RECEIVER]})
    assert found_problems == [("monitoring:prometheus.remoteWrite", "other more than once", "a unique name for each")]


def test_the_remote_write_receiver_can_be_enabled() -> None:
    assert scale_out_spec(remoteWriteReceiver=True) == {"enableRemoteWriteReceiver": True}


def test_only_queries_that_name_the_labels_of_a_remote_read_source_read_from_it() -> None:
    source = {
        "name": "previous",
        "url": "http://prometheus.old.svc:9090/api/v1/read",
        "requiredMatchers": {"from": "old"},
    }
    assert scale_out_spec(remoteRead=[source]) == {
        "remoteRead": [{**source, "readRecent": True, "filterExternalLabels": False}]
    }
    ((key, found, allowed),) = problems(prometheus={"remoteRead": [{**source, "requiredMatchers": {}}]})
    assert (key, found) == ("monitoring:prometheus.remoteRead[0].requiredMatchers", "a mapping")
    assert allowed.startswith("a mapping of label names to values, at least one")


# --- shards ---------------------------------------------------------------------------------------------------------


def test_shards_require_remote_write_or_thanos() -> None:
    ((key, found, allowed),) = problems(prometheus={"shards": 2})
    assert (key, found) == ("monitoring:prometheus.shards", "2")
    assert allowed.startswith("1, or remoteWrite or thanos")
    assert problems(prometheus={"shards": 2, "remoteWrite": [RECEIVER]}) == []
    assert problems(prometheus={"shards": 2, "thanos": {}}) == []


def test_each_replica_of_each_shard_has_a_claim_with_the_name_that_its_stateful_set_expects() -> None:
    assert [each.name for each in prometheus_claims(settings(shards=2, replicas=2, thanos={}))] == [
        "prometheus-prometheus-db-prometheus-prometheus-0",
        "prometheus-prometheus-db-prometheus-prometheus-1",
        "prometheus-prometheus-db-prometheus-prometheus-shard-1-0",
        "prometheus-prometheus-db-prometheus-prometheus-shard-1-1",
    ]


def test_pods_are_spread_per_shard_and_service_and_budget_select_all_shards(cluster_answers: None) -> None:
    done = program(shards=2, thanos={})
    instance = done.one(f"{CUSTOM}:Prometheus", "prometheus-instance").inputs["spec"]
    assert instance["shards"] == 2
    assert {each["additionalLabelSelectors"] for each in instance["topologySpreadConstraints"]} == {"OnShard"}
    all_shards = {"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/instance": "prometheus"}
    service = done.one("kubernetes:core/v1:Service", "prometheus-service").inputs["spec"]
    budget = done.one("kubernetes:policy/v1:PodDisruptionBudget", "prometheus-disruption-budget").inputs["spec"]
    assert service["selector"] == budget["selector"]["matchLabels"] == all_shards


# --- Thanos and the query URL ---------------------------------------------------------------------------------------


def test_the_thanos_sidecar_has_a_pinned_image_a_memory_limit_and_object_storage() -> None:
    thanos = scale_out_spec(thanos={"objectStorage": {"secret": "thanos"}})["thanos"]
    assert thanos["image"] == THANOS_IMAGE.reference("prod")
    assert thanos["objectStorageConfig"] == {"name": "thanos", "key": "objstore.yml"}
    assert thanos["resources"]["limits"] == {"memory": "512Mi"}
    assert "objectStorageConfig" not in scale_out_spec(thanos={})["thanos"]


def test_the_thanos_service_is_headless(cluster_answers: None) -> None:
    service = program(thanos={}).one("kubernetes:core/v1:Service", "prometheus-thanos-service").inputs["spec"]
    assert (service["clusterIP"], service["ports"]) == (
        "None",
        [
            {"name": "grpc", "port": 10901, "targetPort": "grpc"},
            {"name": "http", "port": 10902, "targetPort": "http"},
        ],
    )


def test_the_thanos_sidecar_is_scraped_through_its_service(cluster_answers: None) -> None:
    done = program(thanos={})
    labels = done.one("kubernetes:core/v1:Service", "prometheus-thanos-service").inputs["metadata"]["labels"]
    monitor = done.one(f"{CUSTOM}:ServiceMonitor", "prometheus-thanos-monitor").inputs["spec"]
    assert monitor["selector"]["matchLabels"] == labels
    assert monitor["endpoints"] == [{"port": "http"}]
    # Prometheus itself must not be scraped twice.
    assert (
        done.one(f"{CUSTOM}:ServiceMonitor", "prometheus-monitor").inputs["spec"]["selector"]["matchLabels"] != labels
    )


def test_the_query_url_is_that_of_the_settings_or_of_prometheus() -> None:
    assert query_url(settings(), service="http://prometheus.monitoring.svc:9090") == (
        "http://prometheus.monitoring.svc:9090"
    )
    assert query_url(settings(queryUrl="https://mimir.example/prometheus"), service="") == (
        "https://mimir.example/prometheus"
    )
