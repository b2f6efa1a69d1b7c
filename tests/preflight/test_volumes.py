import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from manifests.volume_claims import PlannedClaim, alertmanager_claims, planned_claims, prometheus_claims
from preflight.cluster_storage import Storage, existing_storage, storage
from preflight.volumes import claim_problems
from settings.grafana import GrafanaSettings
from settings.loader import RawConfig, SettingsError
from settings.stack import AlertmanagerSettings, PrometheusSettings
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
    return storage([claim_object(**changes)], CLASSES)


def program(stack: str, keep: bool | None = None, **sections: object) -> Run:
    written = configuration(stack, "upstream" if stack != "local" else "local/charts")
    volumes = {} if keep is None else {"volumes": {"keepData": keep}}
    return run_program(
        RawConfig(stack=stack, values={**written.values, **volumes, **sections}, secrets=written.secrets)
    )


def retained(done: Run) -> dict[str, bool]:
    return {each.name: each.retained for kind in (CLAIM, NAMESPACE) for each in done.of_type(kind)}


# --- the program makes them -----------------------------------------------------------------------------------------


def test_each_replica_has_a_claim_under_the_name_that_its_stateful_set_looks_for() -> None:
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


def test_a_claim_is_there_before_the_custom_resource_that_uses_it(cluster_answers: None) -> None:
    done = program("prod")
    for kind, name in (("Prometheus", "prometheus"), ("Alertmanager", "alertmanager")):
        claims = {each.name for each in done.of_type(CLAIM) if each.parent == name}
        assert len(claims) == done.one(f"{CUSTOM}:{kind}", f"{name}-instance").inputs["spec"]["replicas"]
        assert claims <= done.one(f"{CUSTOM}:{kind}", f"{name}-instance").dependencies


def test_a_grown_size_changes_the_claims_and_what_may_be_kept_on_them_only(cluster_answers: None) -> None:
    small, large = (program("prod", prometheus={"storage": {"size": size}}) for size in ("50Gi", "100Gi"))
    changed = [
        (before.name, list(differing(before.inputs, after.inputs)))
        for before, after in pairs(small, large)
        if before.inputs != after.inputs
    ]
    assert sorted(changed) == [
        ("prometheus-instance", ["spec.retentionSize"]),
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
    ("stack", "keep", "kept"),
    [
        ("local", None, False),
        ("staging", None, True),
        ("prod", None, True),
        ("local", True, True),
        ("prod", False, False),
    ],
)
def test_data_outlive_the_stack_unless_it_is_local_or_lets_them_go(
    stack: str, keep: bool | None, kept: bool, cluster_answers: None, stand_in_charts: str
) -> None:
    found = retained(program(stack, keep, charts={"source": stand_in_charts if stack == "local" else "upstream"}))
    # Deleting a namespace deletes the claims in it. The node exporter's has none.
    assert found.pop("node-exporter-namespace") is False
    assert found.pop("namespace-namespace") is kept
    assert len(found) >= 3
    assert set(found.values()) == {kept}


def test_no_setting_replaces_a_claim(cluster_answers: None) -> None:
    """A claim's class cannot change in place; what the engine ignores it cannot replace."""
    claims = program("prod", prometheus={"storage": {"storageClass": "fast"}}).of_type(CLAIM)
    assert {each.ignored for each in claims} == {frozenset({"spec.storageClassName"})}
    assert {each.inputs["spec"].get("storageClassName") for each in claims if each.parent == "prometheus"} == {"fast"}


def test_a_claim_that_is_there_already_is_taken_over_without_waiting_for_it(cluster_answers: None) -> None:
    done = program("prod")
    for claim in done.of_type(CLAIM):
        assert claim.inputs["metadata"]["annotations"] == {
            "pulumi.com/patchForce": "true",
            "pulumi.com/skipAwait": "true",
        }
    annotations = done.one(NAMESPACE, "namespace-namespace").inputs["metadata"]["annotations"]
    assert annotations == {"pulumi.com/patchForce": "true"}


# --- what no claim can do is refused before -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        (planned("50Gi"), existing()),
        (planned("51200Mi"), existing()),
        (planned("100Gi"), Storage()),
        (planned("100Gi"), existing(storage_class="fast")),
        (planned("100Gi"), existing(storage_class="unknown")),
        (planned("100Gi", "fast"), existing(storage_class="fast")),
        (planned("50Gi", "slow"), existing()),
        (planned("50Gi", "fast"), storage([], CLASSES)),
        (planned("50Gi", "fast"), storage([], [])),
        # A growth that the storage could not do is taken back.
        (planned("80Gi"), existing(size="100Gi", capacity="50Gi")),
    ],
)
def test_what_a_claim_can_do_is_no_problem(wanted: PlannedClaim, there: Storage) -> None:
    assert claim_problems([wanted], there) == []


@pytest.mark.parametrize(
    ("wanted", "there", "problem"),
    [
        (
            planned("20Gi"),
            existing(),
            f'monitoring:prometheus.storage.size: found "20Gi", but claim {NAME} has 50Gi; '
            "allowed: 50Gi or more, no claim can shrink; the way to less: docs/operations/volumes.md",
        ),
        (
            planned("100Gi"),
            existing(),
            f'monitoring:prometheus.storage.size: found "100Gi", but claim {NAME} has 50Gi and class slow lets none '
            "grow; allowed: 50Gi, or allowVolumeExpansion on class slow if its driver can; "
            "else the way to more: docs/operations/volumes.md",
        ),
        (
            planned("50Gi", "fast"),
            existing(),
            f'monitoring:prometheus.storage.storageClass: found "fast", but claim {NAME} has class slow; '
            "allowed: slow, no claim can change its class; the way to another: docs/operations/volumes.md",
        ),
        (
            planned("50Gi", "fats"),
            storage([], CLASSES),
            'monitoring:prometheus.storage.storageClass: found "fats", which the cluster does not have; '
            "allowed: fast (did you mean that?), or one of fast, slow",
        ),
        (
            planned("60Gi"),
            existing(capacity=None, storage_class="fast"),
            f'monitoring:prometheus.storage.size: found "60Gi", but claim {NAME} has 50Gi and is not bound; '
            "allowed: 50Gi until it is bound; or delete the claim: docs/operations/volumes.md",
        ),
    ],
)
def test_what_no_claim_can_do_is_one_line_with_the_way_to_it(
    wanted: PlannedClaim, there: Storage, problem: str
) -> None:
    assert [str(each) for each in claim_problems([wanted], there)] == [problem]


def test_a_setting_is_named_once_however_many_replicas_it_has() -> None:
    claims = prometheus_claims(PrometheusSettings.model_validate({"replicas": 3, "storage": {"size": "20Gi"}}))
    there = storage([claim_object(name=each.name) for each in claims], CLASSES)
    assert [each.key for each in claim_problems(claims, there)] == ["monitoring:prometheus.storage.size"]


def test_the_program_stops_before_anything_is_registered(
    cluster_answers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str | None, str]] = []

    def there(context: str | None, namespace: str) -> Storage:
        asked.append((context, namespace))
        return existing(size="900Gi", capacity="900Gi")

    monkeypatch.setattr("preflight.plan.existing_storage", there)
    done = Run()
    with pytest.raises(Exception, match=r"prometheus\.storage\.size .* no claim can shrink") as refusal:
        run_program(configuration("prod", "upstream"), done=done)
    assert not isinstance(refusal.value, SettingsError)
    assert asked == [("bais-prod", "monitoring")]
    assert done.resources == []


# --- asking the cluster ---------------------------------------------------------------------------------------------


@pytest.fixture
def answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for kubectl that prints this file and keeps the words it was called with in `asked`."""
    program = tmp_path / "kubectl"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\ncat {tmp_path}/$2.json\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_the_cluster_is_asked_for_the_claims_of_the_namespace_and_for_its_classes(answer: Path) -> None:
    (answer / "persistentvolumeclaims.json").write_text(json.dumps({"items": [claim_object()]}))
    (answer / "storageclasses.json").write_text(json.dumps({"items": CLASSES}))
    assert existing_storage("bais", "monitoring") == existing()
    claims, classes = (answer / "asked").read_text().splitlines()
    assert claims.startswith("get persistentvolumeclaims --output=json")
    assert "--namespace=monitoring --context=bais" in claims
    assert classes.startswith("get storageclasses --output=json")


@pytest.mark.parametrize("context", ["bais", None])
def test_a_cluster_that_does_not_say_has_nothing_to_refuse(
    context: str | None, answer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert existing_storage(context, "monitoring") == Storage()  # cat finds no file and fails
    monkeypatch.setattr("subprocess.run", too_late)
    assert existing_storage(context, "monitoring") == Storage()


def too_late(*_: object, **__: object) -> None:
    raise subprocess.TimeoutExpired("kubectl", 15)


def test_without_kubectl_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert existing_storage(None, "monitoring") == Storage()
