import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from manifests.volume_claims import PlannedClaim, alertmanager_claims, planned_claims, prometheus_claims
from preflight.cluster_storage import Storage, existing_storage, parse_storage
from preflight.volumes import claim_problems
from settings.alertmanager import AlertmanagerSettings
from settings.grafana import GrafanaSettings
from settings.loader import RawConfig, SettingsError
from settings.prometheus import PrometheusSettings
from tools.mocked_program import Registration, Run, configuration, run_program

CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
NAMESPACE = "kubernetes:core/v1:Namespace"
CUSTOM = "kubernetes:monitoring.coreos.com/v1"
NAME = "prometheus-prometheus-db-prometheus-prometheus-0"


def planned(size: str = "50Gi", storage_class: str | None = None) -> PlannedClaim:
    return PlannedClaim(name=NAME, setting="prometheus.storage", size=size, storage_class=storage_class)


def claim_object(
    name: str = NAME, size: str = "50Gi", capacity: str | None = "50Gi", storage_class: str = "slow"
) -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "spec": {"resources": {"requests": {"storage": size}}, "storageClassName": storage_class},
        "status": {"capacity": {"storage": capacity}} if capacity else {"phase": "Pending"},
    }


CLASSES: list[Any] = [
    {"metadata": {"name": "slow"}},
    {"metadata": {"name": "fast"}, "allowVolumeExpansion": True},
]


def existing(**changes: Any) -> Storage:
    return parse_storage([claim_object(**changes)], CLASSES)


def program(stack: str, keep_data: bool | None = None, **sections: object) -> Run:
    config = configuration(stack, "upstream" if stack != "local" else "local/charts")
    volumes = {} if keep_data is None else {"volumes": {"keepData": keep_data}}
    return run_program(RawConfig(stack=stack, values={**config.values, **volumes, **sections}, secrets=config.secrets))


def retained(run: Run) -> dict[str, bool]:
    return {resource.name: resource.retained for kind in (CLAIM, NAMESPACE) for resource in run.of_type(kind)}


# --- claims of the program ------------------------------------------------------------------------------------------


def test_each_replica_has_a_claim_with_the_name_that_its_stateful_set_expects() -> None:
    prometheus, alertmanager = (
        PrometheusSettings.model_validate({"replicas": 2}),
        AlertmanagerSettings.model_validate({"replicas": 1}),
    )
    assert [each.name for each in prometheus_claims(prometheus)] == [
        "prometheus-prometheus-db-prometheus-prometheus-0",
        "prometheus-prometheus-db-prometheus-prometheus-1",
    ]
    assert [each.name for each in alertmanager_claims(alertmanager)] == [
        "alertmanager-alertmanager-db-alertmanager-alertmanager-0"
    ]
    assert planned_claims(prometheus=None, alertmanager=None, grafana=None) == []
    assert len(planned_claims(prometheus=prometheus, alertmanager=alertmanager, grafana=GrafanaSettings())) == 4


def test_a_claim_is_created_before_the_custom_resource_that_uses_it(cluster_answers: None) -> None:
    run = program("prod")
    for kind, name in (("Prometheus", "prometheus"), ("Alertmanager", "alertmanager")):
        claims = {claim.name for claim in run.of_type(CLAIM) if claim.parent == name}
        assert len(claims) == run.one(f"{CUSTOM}:{kind}", f"{name}-instance").inputs["spec"]["replicas"]
        assert claims <= run.one(f"{CUSTOM}:{kind}", f"{name}-instance").dependencies


def test_a_larger_size_changes_only_the_claims_and_the_retention_size(cluster_answers: None) -> None:
    small, large = (program("prod", prometheus={"storage": {"size": size}}) for size in ("50Gi", "100Gi"))
    changed = [
        (before.name, list(differing(before.inputs, after.inputs)))
        for before, after in pairs(small, large)
        if before.inputs != after.inputs
    ]
    assert sorted(changed) == [
        # The annotation with the hash of the specification is not passed on to the pods.
        ("prometheus-instance", ["metadata.annotations.monitoring/specification", "spec.retentionSize"]),
        (NAME, ["spec.resources.requests.storage"]),
        (f"{NAME.removesuffix('0')}1", ["spec.resources.requests.storage"]),
    ]


def pairs(one: Run, other: Run) -> list[tuple[Registration, Registration]]:
    return [(each, other.one(each.type, each.name)) for each in one.resources]


def differing(one: Any, other: Any, path: str = "") -> list[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            each
            for key in sorted(one.keys() | other.keys())
            for each in differing(one.get(key), other.get(key), f"{path}.{key}" if path else key)
        ]
    return [path] if one != other else []


@pytest.mark.parametrize(
    ("stack", "keep_data", "is_retained"),
    [
        ("local", None, False),
        ("staging", None, True),
        ("prod", None, True),
        ("local", True, True),
        ("prod", False, False),
    ],
)
def test_data_are_retained_except_in_local_or_without_keep_data(
    stack: str, keep_data: bool | None, is_retained: bool, cluster_answers: None, stand_in_charts: str
) -> None:
    charts = {"source": stand_in_charts if stack == "local" else "upstream"}
    resources = retained(program(stack, keep_data, charts=charts))
    # Deleting a namespace deletes whatever others have put into it.
    assert resources.pop("node-exporter-namespace")
    assert resources.pop("namespace-namespace")
    assert len(resources) >= 3
    assert set(resources.values()) == {is_retained}


def test_no_setting_replaces_a_claim(cluster_answers: None) -> None:
    """A claim's class cannot change in place; the engine ignores it, so it never replaces the claim."""
    claims = program("prod", prometheus={"storage": {"storageClass": "fast"}}).of_type(CLAIM)
    assert {each.ignored for each in claims} == {frozenset({"spec.storageClassName"})}
    assert {each.inputs["spec"].get("storageClassName") for each in claims if each.parent == "prometheus"} == {"fast"}


def test_an_existing_claim_is_adopted_without_waiting_for_it(cluster_answers: None) -> None:
    run = program("prod")
    for claim in run.of_type(CLAIM):
        assert claim.inputs["metadata"]["annotations"] == {
            "pulumi.com/patchForce": "true",
            "pulumi.com/skipAwait": "true",
        }
    annotations = run.one(NAMESPACE, "namespace-namespace").inputs["metadata"]["annotations"]
    assert annotations == {"pulumi.com/patchForce": "true"}


# --- checks against existing claims ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("planned_claim", "storage"),
    [
        (planned("50Gi"), existing()),
        (planned("51200Mi"), existing()),
        (planned("100Gi"), Storage()),
        (planned("100Gi"), existing(storage_class="fast")),
        (planned("100Gi"), existing(storage_class="unknown")),
        (planned("100Gi", "fast"), existing(storage_class="fast")),
        (planned("50Gi", "slow"), existing()),
        (planned("50Gi", "fast"), parse_storage([], CLASSES)),
        (planned("50Gi", "fast"), parse_storage([], [])),
        # The new size takes back an expansion that the storage could not perform.
        (planned("80Gi"), existing(size="100Gi", capacity="50Gi")),
    ],
)
def test_a_change_that_a_claim_supports_is_accepted(planned_claim: PlannedClaim, storage: Storage) -> None:
    assert claim_problems([planned_claim], storage) == []


@pytest.mark.parametrize(
    ("planned_claim", "storage", "problem"),
    [
        (
            planned("20Gi"),
            existing(),
            f'monitoring:prometheus.storage.size: found "20Gi", but claim {NAME} has 50Gi; '
            "allowed: 50Gi or more, because a claim cannot shrink (to replace it: docs/operations/volumes.md)",
        ),
        (
            planned("100Gi"),
            existing(),
            f'monitoring:prometheus.storage.size: found "100Gi", but claim {NAME} has 50Gi and class slow does not '
            "allow expansion; allowed: 50Gi, or allowVolumeExpansion: true in class slow if its driver supports it "
            "(else: docs/operations/volumes.md)",
        ),
        (
            planned("50Gi", "fast"),
            existing(),
            f'monitoring:prometheus.storage.storageClass: found "fast", but claim {NAME} has class slow; '
            "allowed: slow, because a claim cannot change its class (to replace it: docs/operations/volumes.md)",
        ),
        (
            planned("50Gi", "fats"),
            parse_storage([], CLASSES),
            'monitoring:prometheus.storage.storageClass: found "fats", which the cluster does not have; '
            "allowed: fast (did you mean that?), or one of fast, slow",
        ),
        (
            planned("60Gi"),
            existing(capacity=None, storage_class="fast"),
            f'monitoring:prometheus.storage.size: found "60Gi", but claim {NAME} has 50Gi and is not bound; '
            "allowed: 50Gi until it is bound, or delete the claim (docs/operations/volumes.md)",
        ),
    ],
)
def test_an_unsupported_change_is_one_problem_with_its_remedy(
    planned_claim: PlannedClaim, storage: Storage, problem: str
) -> None:
    assert [str(each) for each in claim_problems([planned_claim], storage)] == [problem]


def test_a_setting_is_reported_once_for_all_replicas() -> None:
    claims = prometheus_claims(PrometheusSettings.model_validate({"replicas": 3, "storage": {"size": "20Gi"}}))
    storage = parse_storage([claim_object(name=claim.name) for claim in claims], CLASSES)
    assert [problem.key for problem in claim_problems(claims, storage)] == ["monitoring:prometheus.storage.size"]


def test_the_program_fails_before_it_registers_a_resource(
    cluster_answers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str | None, str]] = []

    def large_storage(context: str | None, namespace: str) -> Storage:
        calls.append((context, namespace))
        return existing(size="900Gi", capacity="900Gi")

    monkeypatch.setattr("preflight.plan.existing_storage", large_storage)
    run = Run()
    with pytest.raises(Exception, match=r"prometheus\.storage\.size .* a claim cannot shrink") as error:
        run_program(configuration("prod", "upstream"), done=run)
    assert not isinstance(error.value, SettingsError)
    assert calls == [("bais-prod", "monitoring")]
    assert run.resources == []


# --- reading the storage with kubectl -------------------------------------------------------------------------------


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fake kubectl that records its arguments and prints the file of the requested kind."""
    program = tmp_path / "kubectl"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\ncat {tmp_path}/$2.json\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_the_claims_of_the_namespace_and_all_storage_classes_are_read(kubectl: Path) -> None:
    (kubectl / "persistentvolumeclaims.json").write_text(json.dumps({"items": [claim_object()]}))
    (kubectl / "storageclasses.json").write_text(json.dumps({"items": CLASSES}))
    assert existing_storage("bais", "monitoring") == existing()
    claims, classes = (kubectl / "arguments").read_text().splitlines()
    assert claims.startswith("get persistentvolumeclaims --output=json")
    assert "--namespace=monitoring --context=bais" in claims
    assert classes.startswith("get storageclasses --output=json")


@pytest.mark.parametrize("context", ["bais", None])
def test_without_output_of_kubectl_the_storage_is_empty(
    context: str | None, kubectl: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert existing_storage(context, "monitoring") == Storage()  # The fake fails, because its file does not exist.
    monkeypatch.setattr("subprocess.run", time_out)
    assert existing_storage(context, "monitoring") == Storage()


def time_out(*_: object, **__: object) -> None:
    raise subprocess.TimeoutExpired("kubectl", 15)


def test_without_kubectl_the_storage_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert existing_storage(None, "monitoring") == Storage()
