"""A stack in a cluster that others use too; the tests run in file order.

First a default kube-prometheus-stack, then a stack of this program in a namespace of another team, with an operator of
its own, then a second stack, which the operator of the kube-prometheus-stack serves. Engine, API server and both
operators, each with the arguments and the service account of its Deployment, are real; nodes and pods are simulated.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from pulumi import automation

from common.project import PROJECT
from preflight.adoption import decide_adoption, read_state
from settings.loader import build_settings, load_sections
from settings.sources import from_file
from tests.engine.engine import prepare, select, steps
from tools.checkout import Checkout
from tools.neighbours import NAMESPACE, PROMETHEUS, foreign_objects, install_kube_prometheus_stack

FIRST: Final = "monitoring"
SECOND: Final = "monitoring-second"
# What makes a stack fit beside a kube-prometheus-stack, as the refusals name it.
BESIDE_OTHERS: Final[dict[str, Any]] = {
    "monitoring:operator": {
        "crds": "existing",
        "controllerId": FIRST,
        "clusterTargets": {"apiServer": False, "kubelet": False, "coreDns": False},
    },
    "monitoring:nodeExporter": {"port": 9101},
}
SMALL: Final = {
    "monitoring:grafana": {"enabled": False},
    "monitoring:blackboxExporter": {"enabled": False},
    "monitoring:probes": {},
    "monitoring:postgres": [],
    "monitoring:redis": [],
}
WATCHED_SECONDS: Final = 8


@pytest.fixture(scope="module", params=["stand-in", "real"], autouse=True)
def neighbour(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, charts: Path | None
) -> Iterator[Checkout]:
    """A control plane with a kube-prometheus-stack of another team, and the namespace `monitoring` of a third one."""
    if request.param == "real" and charts is None:
        pytest.skip("the real kube-prometheus-stack needs --charts FOLDER")
    if request.param == "stand-in" and charts is not None:
        pytest.skip("the real chart is tested instead of its stand-in")
    checkout = Checkout(tmp_path_factory.mktemp("shared") / "checkout")
    try:
        prepare(checkout, charts)
        install_kube_prometheus_stack(checkout, charts or checkout.charts, real=charts is not None)
        checkout.control_plane.kubectl("apply", "--filename=-", text=yaml.safe_dump_all(foreign_objects(FIRST)))
        yield checkout
    finally:
        checkout.control_plane.stop()


@pytest.fixture(scope="module")
def first(neighbour: Checkout) -> automation.Stack:
    """The first stack, still without settings for a shared cluster."""
    write(neighbour, "local", SMALL)
    return select(neighbour)


@pytest.fixture(scope="module")
def second(neighbour: Checkout) -> automation.Stack:
    """The second stack, still without settings for a shared cluster; the neighbour's operator will serve it."""
    write(neighbour, "second", {**SMALL, "monitoring:namespace": SECOND, "monitoring:volumes": {"keepData": False}})
    return select(neighbour, "second")


def write(checkout: Checkout, name: str, *changes: dict[str, Any]) -> None:
    """Write a stack file: that of `local`, with one replica of everything and these changes."""
    content = yaml.safe_load((PROJECT / "Pulumi.local.yaml").read_text())
    for each in changes:
        content["config"] |= each
    for kind in ("prometheus", "alertmanager"):
        content["config"][f"monitoring:{kind}"]["replicas"] = 1
    (checkout.folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(content))


def get(checkout: Checkout, *arguments: str) -> Any:
    return json.loads(checkout.control_plane.kubectl("get", *arguments, "--output=json"))


def refusal(stack: automation.Stack) -> list[str]:
    """Return the lines of a refused preview."""
    with pytest.raises(automation.CommandError) as error:
        stack.preview()
    lines = [line.strip() for line in str(error.value).splitlines()]
    return list(dict.fromkeys(line for line in lines if "; allowed: " in line))


def line_of(lines: list[str], key: str) -> str:
    (found,) = (line for line in lines if line.startswith(f"monitoring:{key} "))
    return found


def conditions(checkout: Checkout, kind: str, namespace: str) -> dict[str, str]:
    (item,) = get(checkout, kind, f"--namespace={namespace}")["items"]
    return {entry["type"]: entry["status"] for entry in item["status"]["conditions"]}


def versions(checkout: Checkout) -> dict[str, str]:
    """Return the generation of every StatefulSet and DaemonSet of the neighbour and of the stacks."""
    items = get(checkout, "statefulsets,daemonsets", "--all-namespaces")["items"]
    return {
        f"{each['metadata']['namespace']}/{each['metadata']['name']}": each["metadata"]["generation"] for each in items
    }


def test_a_stack_is_refused_with_one_line_per_conflict_and_the_setting_that_avoids_it(
    first: automation.Stack, neighbour: Checkout
) -> None:
    lines = refusal(first)
    assert "pods billing" in line_of(lines, "namespace")
    assert "namespaces.adopt: [monitoring]" in line_of(lines, "namespace")
    assert "allowed: existing" in line_of(lines, "operator.crds")
    assert "operator neighbour/" in line_of(lines, "operator.controllerId")
    assert "Helm release neighbour/kube-prometheus-stack" in line_of(lines, "operator.controllerId")
    assert "DaemonSet neighbour/" in line_of(lines, "nodeExporter.port")
    assert len(lines) == 4
    assert get(neighbour, "namespaces", "--selector=app.kubernetes.io/managed-by=pulumi")["items"] == []


def test_adopt_names_the_settings_with_which_both_fit_and_reads_the_history_of_the_neighbour(
    first: automation.Stack, neighbour: Checkout
) -> None:
    result = neighbour.operate("adopt", "--json")
    report = json.loads(result.stdout)
    assert (result.returncode, report["exit_code"]) == (1, 1)
    assert report["release"]["namespace"] == NAMESPACE
    settings = yaml.safe_load(report["settings"])
    for section, wanted in BESIDE_OTHERS.items():
        assert settings[section] == {key: value for key, value in wanted.items() if key != "clusterTargets"}
    (source,) = settings["monitoring:prometheus"]["remoteRead"]
    assert source["requiredMatchers"] == {"prometheus": f"{NAMESPACE}/{PROMETHEUS}"}
    assert source["url"].startswith("http://")
    assert source["url"].endswith(f".{NAMESPACE}.svc:9090/api/v1/read")
    deploy, *later = report["steps"]
    assert "pods billing" in deploy["actions"][0]
    assert {each["text"] for each in later} == {"after step 1"}


def test_the_preview_lists_what_an_adoption_affects_and_up_completes_beside_the_neighbour(
    first: automation.Stack, neighbour: Checkout
) -> None:
    write(
        neighbour,
        "local",
        SMALL,
        BESIDE_OTHERS,
        {"monitoring:namespaces": {"adopt": [FIRST]}, "monitoring:volumes": {"keepData": False}},
    )
    before = versions(neighbour)
    # The neighbour's CRDs exist; the monitor of the third team has the name of one of the stack's.
    monitor: dict[str, Any] = {"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor"}
    monitor |= {"metadata": {"name": "prometheus", "namespace": FIRST}, "spec": {"selector": {}, "endpoints": []}}
    neighbour.control_plane.kubectl("apply", "--filename=-", text=yaml.safe_dump(monitor))
    (taken,) = refusal(first)
    assert "monitoring, where another owner has ServiceMonitor prometheus; allowed: " in taken
    neighbour.control_plane.kubectl("delete", "servicemonitor", "prometheus", f"--namespace={FIRST}")
    preview = first.preview().stdout
    for affected in ("pods billing", "claims ledger", "network policies billing"):
        assert affected in preview
    first.up()
    for kind in ("prometheus", "alertmanager"):
        assert conditions(neighbour, kind, FIRST)["Available"] == "True"
    assert before.items() <= versions(neighbour).items()
    assert get(neighbour, "pods", f"--namespace={FIRST}", "billing")["status"]["phase"] == "Running"
    labels = get(neighbour, "namespace", FIRST)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert steps(first.preview) == set()


def test_no_operator_rewrites_the_objects_of_another(first: automation.Stack, neighbour: Checkout) -> None:
    before = versions(neighbour)
    assert {f"{NAMESPACE}/prometheus-{PROMETHEUS}", f"{FIRST}/prometheus-prometheus"} <= set(before)
    time.sleep(WATCHED_SECONDS)
    assert versions(neighbour) == before


def test_another_cluster_under_the_name_of_the_stack_is_refused(first: automation.Stack) -> None:
    state = first.export_stack()
    assert state.deployment
    (root,) = (each for each in state.deployment["resources"] if each["type"] == "pulumi:pulumi:Stack")
    uid = root["outputs"]["cluster_uid"]
    other = "00000000-0000-4000-8000-000000000000"
    root["outputs"]["cluster_uid"] = other
    first.import_stack(state)
    (line,) = refusal(first)
    assert f"which is cluster {uid}" in line
    assert f"the cluster of the last deployment, {other}" in line
    root["outputs"]["cluster_uid"] = uid
    first.import_stack(state)


def test_an_account_without_permissions_gets_a_note_for_everything_that_was_not_checked(
    neighbour: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kubeconfig = yaml.safe_load(neighbour.control_plane.kubeconfig.read_text())
    token = neighbour.control_plane.kubectl("create", "token", "default", "--namespace=default").strip()
    for user in kubeconfig["users"]:
        user["user"] = {"token": token}
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(kubeconfig))
    for name, value in {**neighbour.deployment.environment(), "KUBECONFIG": str(tmp_path / "kubeconfig")}.items():
        monkeypatch.setenv(name, value)
    file = neighbour.folder / "Pulumi.local.yaml"
    settings = build_settings(load_sections(from_file(file, neighbour.folder / "Pulumi.yaml")))
    state = read_state(settings)
    assert (state.named, state.contents) == ({}, {})
    found = decide_adoption(settings, state, {}, stack="local")
    assert found.problems == ()
    (note,) = found.notes
    assert note == f"not checked: {', '.join(state.unchecked)} (no permission)"
    assert len(state.unchecked) == 16


def test_a_second_stack_is_refused_until_its_names_differ(second: automation.Stack, neighbour: Checkout) -> None:
    lines = refusal(second)
    assert "belongs to" not in "".join(lines)
    assert "Helm release monitoring/" in line_of(lines, "cluster.qualifiedNames")
    assert "which Prometheus monitoring/prometheus selects too" in line_of(lines, "prometheus.selector")
    settings = {key: value for key, value in BESIDE_OTHERS["monitoring:operator"].items() if key != "controllerId"}
    write(
        neighbour,
        "second",
        SMALL,
        {
            "monitoring:operator": {**settings, "enabled": False},
            "monitoring:nodeExporter": {"port": 9102},
            "monitoring:namespace": SECOND,
            "monitoring:volumes": {"keepData": False},
        },
    )
    with edited(neighbour, "second") as config:
        config["monitoring:cluster"]["qualifiedNames"] = True
        config["monitoring:prometheus"]["selector"] = "second"
    second.up()
    for kind in ("prometheus", "alertmanager"):
        assert conditions(neighbour, kind, SECOND)["Available"] == "True"


@contextlib.contextmanager
def edited(checkout: Checkout, name: str) -> Iterator[dict[str, Any]]:
    path = checkout.folder / f"Pulumi.{name}.yaml"
    content = yaml.safe_load(path.read_text())
    yield content["config"]
    path.write_text(yaml.safe_dump(content))


def test_each_prometheus_has_the_monitors_of_its_own_stack_only(
    first: automation.Stack, second: automation.Stack, neighbour: Checkout
) -> None:
    for namespace in (FIRST, SECOND):
        generated = get(neighbour, "secret", f"--namespace={namespace}", "prometheus-prometheus")["data"]
        configuration = gzip.decompress(base64.b64decode(generated["prometheus.yaml.gz"]))
        jobs = [job["job_name"] for job in yaml.safe_load(configuration)["scrape_configs"]]
        assert len(jobs) > 3
        assert {job.split("/")[1] for job in jobs} <= {namespace, f"{namespace}-node-exporter"}


def test_the_end_of_the_second_stack_affects_neither_the_first_nor_objects_of_others(
    first: automation.Stack, second: automation.Stack, neighbour: Checkout
) -> None:
    before = {name: version for name, version in versions(neighbour).items() if not name.startswith(SECOND)}
    # After the last `up`, which therefore cannot know of it.
    neighbour.control_plane.kubectl("create", "configmap", "ledger", f"--namespace={SECOND}")
    second.destroy()
    assert steps(first.preview) == set()
    assert versions(neighbour) == before
    kinds = "configmaps,secrets,persistentvolumeclaims,networkpolicies,deployments,statefulsets,services"
    left = {each["metadata"]["name"] for each in get(neighbour, kinds, f"--namespace={SECOND}")["items"]}
    assert left == {"ledger", "kube-root-ca.crt"}


def test_destroy_keeps_an_adopted_namespace_and_removes_its_locks(first: automation.Stack, neighbour: Checkout) -> None:
    first.destroy()
    labels = get(neighbour, "namespace", FIRST)["metadata"]["labels"]
    assert labels == {"kubernetes.io/metadata.name": FIRST, "team": "billing"}
    kinds = "pods,persistentvolumeclaims,networkpolicies"
    left = {each["metadata"]["name"] for each in get(neighbour, kinds, f"--namespace={FIRST}")["items"]}
    assert left == {"billing", "ledger"}
    assert conditions(neighbour, "prometheus", NAMESPACE)["Available"] == "True"
