from collections.abc import Mapping
from typing import Any

import pytest

from manifests.charts import THANOS_IMAGE
from manifests.scale_out import query_url, scale_out
from manifests.volume_claims import prometheus_claims
from settings.loader import RawConfig
from settings.prometheus import PrometheusSettings
from tests.settings.test_stack import problems
from tools.mocked_program import Run, configuration, run_program

RECEIVER = {"name": "other", "url": "https://other.example/api/v1/write"}
CUSTOM = "kubernetes:monitoring.coreos.com/v1"


def settings(**section: object) -> PrometheusSettings:
    return PrometheusSettings.model_validate(section)


def specification(**section: object) -> dict[str, Any]:
    return scale_out(settings(**section))


def program(**section: object) -> Run:
    written = configuration("prod", "upstream")
    given = written.values["prometheus"]
    assert isinstance(given, Mapping)
    values = {**written.values, "prometheus": {**given, **section}}
    return run_program(RawConfig(stack="prod", values=values, secrets=written.secrets))


def test_a_single_prometheus_has_none_of_it() -> None:
    assert specification() == {}


# --- remote write ---------------------------------------------------------------------------------------------------


def written(**changes: object) -> dict[str, Any]:
    (receiver,) = specification(remoteWrite=[{**RECEIVER, **changes}])["remoteWrite"]
    assert isinstance(receiver, dict)
    return receiver


def test_a_receiver_has_a_name_an_address_and_a_queue() -> None:
    queue = {"capacity": 10_000, "maxShards": 50, "maxSamplesPerSend": 2_000}
    assert written() == {**RECEIVER, "queueConfig": queue}
    assert written(queue={"capacity": 5_000})["queueConfig"] == {**queue, "capacity": 5_000}


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
def test_credentials_are_the_names_of_a_secret_and_its_keys(
    credentials: object, field: str, expected: Mapping[str, object]
) -> None:
    assert written(credentials=credentials)[field] == expected


def test_headers_and_rules_are_handed_on() -> None:
    rules = [{"action": "keep", "regex": "up|bais_.*"}, {"action": "drop", "label": "namespace", "regex": "kube-.*"}]
    receiver = written(headers={"X-Scope-OrgID": "bais"}, writeRelabel=rules)
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
            "an http or https URL without user, query or fragment",
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
            "a regular expression, which Prometheus anchors at both ends",
        ),
        (
            {"headers": {"Authorization": "hush"}},
            ".headers.Authorization",
            "the header Authorization",
            "a header such as X-Scope-OrgID, not one that Prometheus sets or that carries a credential",
        ),
        ({"headers": {"X": 1}}, ".headers", "a mapping", "a mapping of header names to strings"),
    ],
)
def test_a_wrong_receiver_names_its_key_and_what_is_allowed(
    change: Mapping[str, object], key: str, found: str, allowed: str
) -> None:
    told = problems(prometheus={"remoteWrite": [{**RECEIVER, **change}]})
    assert told == [(f"monitoring:prometheus.remoteWrite[0]{key}", found, allowed)]
    assert "hush" not in repr(told)


def test_two_receivers_have_two_names() -> None:
    told = problems(prometheus={"remoteWrite": [RECEIVER, RECEIVER]})
    assert told == [("monitoring:prometheus.remoteWrite", "other more than once", "a unique name for each")]


def test_the_receiver_of_prometheus_is_off_until_it_is_asked_for() -> None:
    assert specification(remoteWriteReceiver=True) == {"enableRemoteWriteReceiver": True}


# --- shards ---------------------------------------------------------------------------------------------------------


def test_no_shard_has_all_samples_so_shards_need_a_place_that_does() -> None:
    ((key, found, allowed),) = problems(prometheus={"shards": 2})
    assert (key, found) == ("monitoring:prometheus.shards", "2")
    assert allowed.startswith("1, or remoteWrite or thanos")
    assert problems(prometheus={"shards": 2, "remoteWrite": [RECEIVER]}) == []
    assert problems(prometheus={"shards": 2, "thanos": {}}) == []


def test_each_replica_of_each_shard_has_a_claim_under_the_name_that_its_stateful_set_looks_for() -> None:
    assert [each.name for each in prometheus_claims(settings(shards=2, replicas=2, thanos={}))] == [
        "prometheus-prometheus-db-prometheus-prometheus-0",
        "prometheus-prometheus-db-prometheus-prometheus-1",
        "prometheus-prometheus-db-prometheus-prometheus-shard-1-0",
        "prometheus-prometheus-db-prometheus-prometheus-shard-1-1",
    ]


def test_replicas_of_one_shard_are_spread_and_the_budget_and_the_service_have_all_shards(cluster_answers: None) -> None:
    done = program(shards=2, thanos={})
    instance = done.one(f"{CUSTOM}:Prometheus", "prometheus-instance").inputs["spec"]
    assert instance["shards"] == 2
    assert {each["additionalLabelSelectors"] for each in instance["topologySpreadConstraints"]} == {"OnShard"}
    everyone = {"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/instance": "prometheus"}
    service = done.one("kubernetes:core/v1:Service", "prometheus-service").inputs["spec"]
    budget = done.one("kubernetes:policy/v1:PodDisruptionBudget", "prometheus-disruption-budget").inputs["spec"]
    assert service["selector"] == budget["selector"]["matchLabels"] == everyone


# --- Thanos, and where to ask ---------------------------------------------------------------------------------------


def test_a_sidecar_is_pinned_bounded_and_told_where_its_storage_is() -> None:
    thanos = specification(thanos={"objectStorage": {"secret": "thanos"}})["thanos"]
    assert thanos["image"] == str(THANOS_IMAGE)
    assert thanos["objectStorageConfig"] == {"name": "thanos", "key": "objstore.yml"}
    assert thanos["resources"]["limits"] == {"memory": "512Mi"}
    assert "objectStorageConfig" not in specification(thanos={})["thanos"]


def test_a_querier_finds_every_sidecar(cluster_answers: None) -> None:
    service = program(thanos={}).one("kubernetes:core/v1:Service", "prometheus-thanos-service").inputs["spec"]
    assert (service["clusterIP"], service["ports"]) == (
        "None",
        [{"name": "grpc", "port": 10901, "targetPort": "grpc"}],
    )


def test_queries_go_where_all_samples_are() -> None:
    assert query_url(settings(), service="http://prometheus.monitoring.svc:9090") == (
        "http://prometheus.monitoring.svc:9090"
    )
    assert query_url(settings(queryUrl="https://mimir.example/prometheus"), service="") == (
        "https://mimir.example/prometheus"
    )
