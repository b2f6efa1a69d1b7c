"""Lifecycle of a stack on the real engine; the tests run in file order.

Nodes and pods are simulated by KWOK; operator, API server, controllers and engine are real.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from pulumi import automation

from catalogue.loader import load
from common.labels import SELECTOR
from local.control_plane.lifecycle import KubectlError
from local.nodes.kinds import SIMULATED_NODES
from local.tools.toolset import set_folder
from tests.engine.engine import remove_marks
from tests.guides.test_getting_started import guide_answers
from tests.network_policy_simulator import OUTSIDE, Pod, Policy, allowed
from tests.operations.init.answers import SECRETS
from tests.pod_audit import findings
from tools.checkout import Checkout
from tools.operator_output import alertmanager_configuration, amtool, discover_targets, prometheus_files, promtool
from tools.tenant_objects import BAIS_SERVICES, bais_objects, tenant_monitor

# Kinds that change by themselves; an APIService belongs to a CRD.
IGNORED_KINDS: Final = (
    "apiservices.apiregistration.k8s.io",
    "events",
    "events.events.k8s.io",
    "leases.coordination.k8s.io",
)

NAMESPACES: Final = ("monitoring", "monitoring-node-exporter")
# Required exceptions from pod hardening with their reasons, by label `app.kubernetes.io/name`.
EXCEPTIONS: Final = {
    ("prometheus", "service account token"): "discovers its targets",
    ("kube-prometheus-stack-prometheus-operator", "service account token"): "watches and writes objects",
    ("kube-state-metrics", "service account token"): "watches objects",
    ("grafana", "service account token"): "its sidecar finds the dashboards",
    ("node-exporter", "hostNetwork"): "reports on the node's network, not on its own",
    ("node-exporter", "hostPath"): "reads the node's files",
}

# Number of equal listings, one second apart, after which the cluster counts as idle.
STABLE_LISTINGS: Final = 4


def objects(checkout: Checkout) -> set[str]:
    """Return every object in the cluster as `kind/name in namespace`."""
    kubectl = checkout.control_plane.kubectl
    kinds = set(kubectl("api-resources", "--verbs=list,delete", "--output=name").split()) - set(IGNORED_KINDS)
    listed = kubectl("get", ",".join(sorted(kinds)), "--all-namespaces", "--ignore-not-found", "--output=json")
    return {
        f"{item['kind']}/{item['metadata']['name']} in {item['metadata'].get('namespace', 'the cluster')}"
        for item in json.loads(listed)["items"]
    }


def changes(result: automation.UpResult | automation.PreviewResult) -> dict[str, int]:
    """Return the number of operations by kind, without unchanged resources."""
    summary = result.change_summary if isinstance(result, automation.PreviewResult) else result.summary.resource_changes
    return {
        str(getattr(name, "value", name)): count for name, count in (summary or {}).items() if "same" not in str(name)
    }


@pytest.fixture(scope="module")
def before(checkout: Checkout) -> set[str]:
    """Objects of an idle control plane with the services of BAIS."""
    assert checkout.run("cluster").returncode == 0
    checkout.control_plane.apply_external_objects()
    checkout.control_plane.kubectl("apply", "--filename=-", text=yaml.safe_dump_all(bais_objects()))
    seen = [objects(checkout)]
    while len(seen) < STABLE_LISTINGS or seen[-1] != seen[-STABLE_LISTINGS]:
        assert len(seen) < 60
        time.sleep(1)
        seen.append(objects(checkout))
    return seen[-1]


@pytest.fixture(scope="module")
def stack(checkout: Checkout, before: set[str], charts: Path | None) -> automation.Stack:
    checkout.provide_charts(charts)
    checkout.deployment.backend.mkdir(parents=True)
    # Use the default services; the stack file of `local` has none.
    with checkout.edit_settings() as settings:
        assert settings.pop("monitoring:services") == []
    return automation.create_or_select_stack(
        stack_name="local",
        work_dir=str(checkout.folder),
        opts=automation.LocalWorkspaceOptions(
            env_vars=checkout.deployment.environment(),
            pulumi_command=automation.PulumiCommand(root=str(set_folder())),
        ),
    )


def custom_resource(checkout: Checkout, kind: str) -> dict[str, Any]:
    items = json.loads(checkout.control_plane.kubectl("get", kind, "--all-namespaces", "--output=json"))["items"]
    assert len(items) == 1
    resource: dict[str, Any] = items[0]
    return resource


@pytest.fixture(scope="module")
def planned(stack: automation.Stack) -> dict[str, int]:
    """Operations of the first preview."""
    return changes(stack.preview())


def test_the_first_preview_plans_creations_and_changes_nothing(
    checkout: Checkout, planned: dict[str, int], before: set[str]
) -> None:
    assert planned.get("create", 0) > 10
    assert objects(checkout) == before


def test_the_stack_of_the_getting_started_guide_is_accepted_and_previewed(
    checkout: Checkout, stack: automation.Stack, before: set[str]
) -> None:
    """`make init` with the answers of the guide, and the preview of `make deploy`, with the policy pack."""
    folder = checkout.folder / "first stack"
    folder.mkdir()
    (folder / "answers.yaml").write_text(guide_answers())
    for name in ("slack-bot-token", "pagerduty-routing-key"):
        (folder / name).write_text(f"{SECRETS[name]}\n")
    arguments = ("--answers", f"{folder}/answers.yaml", "--secrets", str(folder), "--context", "bais-local")
    environment = checkout.deployment.environment()
    done = checkout.operate("init", "--stack=trial", "--yes", *arguments, "--storage-class=-", **environment)
    assert done.returncode == 0, done.stdout
    # Stand-ins without their mark, which any environment accepts.
    remove_marks(Path(shutil.copytree(checkout.charts, checkout.folder / ".state" / "unmarked")))
    file = checkout.folder / "Pulumi.trial.yaml"
    file.write_text(
        file.read_text().replace("config:\n", "config:\n  monitoring:charts: {source: .state/unmarked}\n", 1)
    )
    preview = subprocess.run(
        ["pulumi", "preview", "--stack=trial", "--policy-pack=policy", "--non-interactive"],
        cwd=checkout.folder, env=os.environ | environment | {"PULUMI_STACK": "trial"}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert preview.returncode == 0, preview.stdout
    assert "to create" in preview.stdout
    assert "CANARY" not in done.stdout + preview.stdout
    assert objects(checkout) == before
    file.unlink()


def test_up_does_what_the_preview_planned(stack: automation.Stack, planned: dict[str, int]) -> None:
    assert changes(stack.up()) == planned


@pytest.mark.parametrize("kind", ["prometheus", "alertmanager"])
def test_the_operator_reports_available_and_reconciled(checkout: Checkout, kind: str) -> None:
    resource = custom_resource(checkout, kind)
    conditions = {entry["type"]: entry["status"] for entry in resource["status"]["conditions"]}
    assert (conditions["Available"], conditions["Reconciled"]) == ("True", "True")
    assert resource["status"]["availableReplicas"] == resource["spec"]["replicas"]


def test_grafana_is_ready(checkout: Checkout) -> None:
    deployment = json.loads(checkout.control_plane.kubectl("get", "deployment/grafana", "-n", "monitoring", "-o=json"))
    assert deployment["status"]["readyReplicas"] == deployment["spec"]["replicas"] == 1


def test_every_replica_has_a_claim_and_every_claim_is_bound(checkout: Checkout) -> None:
    claims = json.loads(checkout.control_plane.kubectl("get", "pvc", "--all-namespaces", "--output=json"))["items"]
    replicas = sum(custom_resource(checkout, kind)["spec"]["replicas"] for kind in ("prometheus", "alertmanager"))
    assert len(claims) == replicas + 1  # Grafana's
    assert {claim["status"]["phase"] for claim in claims} == {"Bound"}


def listed(checkout: Checkout, kind: str) -> list[dict[str, Any]]:
    """Return the objects of a kind in the namespaces of the stack."""
    items = json.loads(checkout.control_plane.kubectl("get", kind, "--all-namespaces", "--output=json"))["items"]
    return [item for item in items if item["metadata"]["namespace"] in NAMESPACES]


def test_every_pod_is_hardened_except_for_required_exceptions(checkout: Checkout) -> None:
    pods = listed(checkout, "pods")
    found = {(pod["metadata"]["labels"]["app.kubernetes.io/name"], each) for pod in pods for each in findings(pod)}
    assert found == set(EXCEPTIONS)


def test_every_workload_has_a_pod_to_audit(checkout: Checkout) -> None:
    workloads = listed(checkout, "deployments,statefulsets,daemonsets")
    owners = {owner["name"] for pod in listed(checkout, "pods") for owner in pod["metadata"]["ownerReferences"]}
    names = [workload["metadata"]["name"] for workload in workloads]
    assert len(names) >= 6
    assert [name for name in names if not any(owner.startswith(name) for owner in owners)] == []
    assert listed(checkout, "jobs,cronjobs") == []


def network(checkout: Checkout) -> list[Policy]:
    policies = listed(checkout, "networkpolicies")
    return [Policy(namespace=each["metadata"]["namespace"], spec=each["spec"]) for each in policies]


def on_network(pod: dict[str, Any]) -> Pod | None:
    """Return a pod for the policy simulator; pods on the host network are outside."""
    if pod["spec"].get("hostNetwork"):
        return OUTSIDE
    return Pod(namespace=pod["metadata"]["namespace"], labels=pod["metadata"]["labels"])


def test_every_network_policy_selects_a_pod_and_every_pod_has_exactly_one_policy(checkout: Checkout) -> None:
    policies = [policy for policy in network(checkout) if policy.spec["podSelector"]]
    pods = [pod for item in listed(checkout, "pods") if (pod := on_network(item))]
    assert len(policies) >= 5
    assert [policy for policy in policies if not any(policy.selects(pod) for pod in pods)] == []
    assert {sum(policy.selects(pod) for policy in policies) for pod in pods} == {1}


def test_the_second_preview_is_empty(stack: automation.Stack) -> None:
    assert changes(stack.preview(expect_no_changes=True)) == {}


@pytest.fixture(scope="module")
def targets(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    """Targets of every scrape job of the deployed stack."""
    return discover_targets(checkout.control_plane, tmp_path_factory.mktemp("discovery"))


def test_every_scrape_job_discovers_a_target(targets: dict[str, list[dict[str, str]]]) -> None:
    assert len(targets) >= 8
    assert {job for job, found in targets.items() if not found} == set()


def test_targets_have_the_job_names_that_the_catalogue_uses(
    targets: dict[str, list[dict[str, str]]],
) -> None:
    found = [labels for job in targets.values() for labels in job]
    assert {labels["job"] for labels in found if "endpoint" in labels} == {
        "prometheus",
        "alertmanager",
        "prometheus-operator",
        "node-exporter",
        "kube-state-metrics",
        "blackbox-exporter",
        "grafana",
        "postgres-exporter",
        "redis-exporter",
        *BAIS_SERVICES,
    }
    # Targets of probes have no label `endpoint`, by which the catalogue excludes them from `up`.
    probed = [labels for labels in found if "endpoint" not in labels]
    assert [(labels["job"], labels["instance"], labels["service"], labels["team"]) for labels in probed] == [
        ("probe-example", "http://127.0.0.1:9", "example", "platform")
    ]


def test_every_target_has_its_environment_and_cluster(
    targets: dict[str, list[dict[str, str]]],
) -> None:
    found = {(labels["environment"], labels["cluster"]) for job in targets.values() for labels in job}
    assert found == {("local", "bais-local")}


def test_targets_from_the_settings_have_their_service_and_team(targets: dict[str, list[dict[str, str]]]) -> None:
    found = {labels["job"]: labels for job in targets.values() for labels in job if "team" in labels}
    names = {job: (labels["service"], labels["team"]) for job, labels in found.items()}
    assert names == {name: (name, "platform") for name in BAIS_SERVICES} | dict.fromkeys(
        ("probe-example", "postgres-exporter", "redis-exporter"), ("example", "platform")
    )
    assert [found[job]["instance"] for job in ("postgres-exporter", "redis-exporter")] == ["example"] * 2
    assert {found[name]["namespace"] for name in BAIS_SERVICES} == {"bais"}


def test_labelled_monitors_of_other_teams_are_selected_with_their_limits(checkout: Checkout, tmp_path: Path) -> None:
    kubectl = checkout.control_plane.kubectl
    foreign = yaml.safe_dump_all(
        [
            tenant_monitor("ServiceMonitor", "ordinary", labels=SELECTOR),
            tenant_monitor("PodMonitor", "modest", labels=SELECTOR, sampleLimit=5, bodySizeLimit="1MB"),
            tenant_monitor("ServiceMonitor", "unlabelled", labels={}, sampleLimit=10_000_000),
        ]
    )
    kubectl("apply", "--filename=-", text=foreign)
    try:
        deadline = time.monotonic() + 60
        jobs: dict[str, dict[str, Any]] = {}
        while len(jobs) < 2 and time.monotonic() < deadline:
            time.sleep(1)
            written = yaml.safe_load(prometheus_files(checkout.control_plane, tmp_path)[0].read_text())
            jobs = {job["job_name"]: job for job in written["scrape_configs"] if "/bais/" in job["job_name"]}
        assert {name: limits_of(job) for name, job in jobs.items()} == {
            "serviceMonitor/bais/ordinary/0": {},
            "podMonitor/bais/modest/0": {"sample_limit": 5, "body_size_limit": "1MB"},
        }
        # Those of every job that names none.
        assert limits_of(written["global"]) == {
            "body_size_limit": "64MB",
            "label_limit": 64,
            "label_name_length_limit": 256,
            "label_value_length_limit": 2048,
            "sample_limit": 200_000,
            "target_limit": 2000,
        }
        for job in jobs.values():
            labels = {rule.get("target_label"): rule.get("replacement") for rule in job["relabel_configs"]}
            assert (labels["environment"], labels["cluster"]) == ("local", "bais-local")
    finally:
        kubectl("delete", "--filename=-", text=foreign)


def limits_of(job: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in job.items() if key.endswith("_limit")}


def test_the_platforms_own_jobs_have_higher_limits(checkout: Checkout, tmp_path: Path) -> None:
    written = yaml.safe_load(prometheus_files(checkout.control_plane, tmp_path)[0].read_text())
    own = {
        "label_limit": 64,
        "label_name_length_limit": 256,
        "label_value_length_limit": 2048,
        "sample_limit": 1_000_000,
        "target_limit": 5000,
    }
    jobs = {job["job_name"]: limits_of(job) for job in written["scrape_configs"] if "/monitoring" in job["job_name"]}
    growing = [name for name in jobs if "/kube-state-metrics/" in name]
    assert len(growing) == 2
    assert [jobs.pop(name) for name in growing] == [{**own, "body_size_limit": "256MB"}] * 2
    assert len(jobs) > 10
    assert {name: limits for name, limits in jobs.items() if limits != own} == {}


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ({"sampleLimit": 200_001}, "spec.sampleLimit: found 200001; allowed: at most 200000"),
        ({"targetLimit": 2_001}, "spec.targetLimit: found 2001; allowed: at most 2000"),
        ({"labelLimit": 65}, "spec.labelLimit: found 65; allowed: at most 64"),
        ({"labelNameLengthLimit": 257}, "spec.labelNameLengthLimit: found 257; allowed: at most 256"),
        ({"labelValueLengthLimit": 2_049}, "spec.labelValueLengthLimit: found 2049; allowed: at most 2048"),
        ({"bodySizeLimit": "65MB"}, "spec.bodySizeLimit: found 65MB; allowed: above zero and at most 64MB"),
        ({"bodySizeLimit": "65537KiB"}, "spec.bodySizeLimit: found 65537KiB; allowed: above zero and at most 64MB"),
        ({"bodySizeLimit": "0"}, "spec.bodySizeLimit: found 0; allowed: above zero and at most 64MB"),
        ({"bodySizeLimit": "0.1GB"}, "spec.bodySizeLimit: found 0.1GB; allowed: above zero and at most 64MB"),
    ],
)
def test_a_monitor_of_another_team_with_higher_limits_is_refused(
    checkout: Checkout, limit: Mapping[str, int | str], message: str
) -> None:
    apply = partial(checkout.control_plane.kubectl, "apply", "--dry-run=server", "--filename=-")
    for kind in ("ServiceMonitor", "PodMonitor"):
        with pytest.raises(KubectlError, match=re.escape(message)):
            apply(text=yaml.safe_dump(tenant_monitor(kind, "greedy", labels=SELECTOR, **limit)))
    # Prometheus does not select it.
    assert "created" in apply(text=yaml.safe_dump(tenant_monitor("ServiceMonitor", "greedy", labels={}, **limit)))


@pytest.mark.parametrize("size", ["64MB", "64MiB", "65536KB", "0.5MB", "67108864B", "1B"])
def test_a_monitor_of_another_team_may_limit_the_body_further(checkout: Checkout, size: str) -> None:
    monitor = yaml.safe_dump(tenant_monitor("ServiceMonitor", "modest", labels=SELECTOR, bodySizeLimit=size))
    assert "created" in checkout.control_plane.kubectl("apply", "--dry-run=server", "--filename=-", text=monitor)


def test_network_policies_allow_prometheus_to_reach_every_target(
    checkout: Checkout, targets: dict[str, list[dict[str, str]]]
) -> None:
    everywhere = json.loads(checkout.control_plane.kubectl("get", "pods", "--all-namespaces", "--output=json"))["items"]
    pods = {item["status"]["podIP"]: on_network(item) for item in everywhere}
    (prometheus, *_) = [pod for pod in pods.values() if pod and pod.labels["app.kubernetes.io/name"] == "prometheus"]
    policies = network(checkout)
    reached = {
        labels["instance"]: allowed(policies, prometheus, pods[address], int(port))
        for job in targets.values()
        for labels in job
        for address, _, port in [labels["instance"].rpartition(":")]
        # The instance of a database exporter is the name of its server.
        if "endpoint" in labels and address
    }
    assert len(reached) >= 10
    assert [target for target, reachable in reached.items() if not reachable] == []


def test_every_node_has_an_exporter(targets: dict[str, list[dict[str, str]]]) -> None:
    nodes = [labels["node"] for job in targets.values() for labels in job if labels["job"] == "node-exporter"]
    assert sorted(nodes) == sorted(SIMULATED_NODES)


def test_the_generated_prometheus_configuration_passes_promtool(checkout: Checkout, tmp_path: Path) -> None:
    configuration, rules = prometheus_files(checkout.control_plane, tmp_path)
    assert rules
    assert "is valid prometheus config file syntax" in promtool("check", "config", str(configuration))
    assert "SUCCESS" in promtool("check", "rules", *(str(path) for path in rules))


def test_prometheus_has_every_alert_of_the_catalogue(checkout: Checkout, tmp_path: Path) -> None:
    _, files = prometheus_files(checkout.control_plane, tmp_path)
    groups = [group for path in files for group in yaml.safe_load(path.read_text())["groups"]]
    assert {rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule} == set(load().alerts)


def test_the_generated_alertmanager_configuration_passes_amtool(checkout: Checkout, tmp_path: Path) -> None:
    assert "SUCCESS" in amtool("check-config", str(alertmanager_configuration(checkout.control_plane, tmp_path)))


def test_refresh_finds_no_drift(stack: automation.Stack) -> None:
    assert set(stack.refresh().summary.resource_changes or {}) == {"same"}


def test_a_changed_threshold_updates_its_rules_runbooks_and_dashboard(
    checkout: Checkout, stack: automation.Stack
) -> None:
    path = checkout.folder / "Pulumi.local.yaml"
    original = path.read_text()
    settings = yaml.safe_load(original)
    settings["config"]["monitoring:alerts"] = {"tunables": {"target_down_ratio": 0.25}}
    path.write_text(yaml.safe_dump(settings))
    try:
        touched: list[str] = []
        result = stack.up(on_event=lambda event: _note_update(event, touched))
        assert changes(result) == {"update": 3}
        config_map, rule = "kubernetes:core/v1:ConfigMap", "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
        assert sorted(touched) == [config_map, config_map, rule]
        rules = checkout.control_plane.kubectl("get", "prometheusrule", "--all-namespaces", "--output=yaml")
        assert "0.25  # tunable: target_down_ratio" in rules
    finally:
        path.write_text(original)


def _note_update(event: automation.EngineEvent, touched: list[str]) -> None:
    step = event.resource_pre_event
    if step is not None and step.metadata.op == automation.OpType.UPDATE:
        touched.append(step.metadata.type)


def test_the_state_has_every_component_type(checkout: Checkout) -> None:
    resources = checkout.deployment.export()["resources"]
    assert isinstance(resources, list)
    types = {resource["type"] for resource in resources if resource["type"].startswith("monitoring:index:")}
    assert types == {
        f"monitoring:index:{component}"
        for component in (
            "Alertmanager",
            "AlertingCatalogue",
            "BaisServices",
            "BlackboxExporter",
            "CustomResourceDefinitions",
            "Dashboards",
            "Grafana",
            "KubeStateMetrics",
            "Namespace",
            "NetworkPolicies",
            "NodeExporter",
            "Operator",
            "PostgresExporter",
            "PriorityClasses",
            "Prometheus",
            "RedisExporter",
            "Runbooks",
            "ScrapeLimits",
            "Verification",
        )
    }


def test_state_and_alertmanager_configuration_contain_no_secret(
    checkout: Checkout, stack: automation.Stack, tmp_path: Path
) -> None:
    secrets = [entry.value for entry in stack.get_all_config().values() if entry.secret]
    assert len(secrets) >= 3
    state = json.dumps(checkout.deployment.export())
    configuration = alertmanager_configuration(checkout.control_plane, tmp_path).read_text()
    assert [value for value in secrets if value in state or value in configuration] == []


def test_destroy_deletes_everything_except_the_crds_and_an_empty_namespace(
    checkout: Checkout, stack: automation.Stack, before: set[str]
) -> None:
    """Others may have added objects to the namespace since the last update, so it is never deleted."""
    stack.destroy()
    left = objects(checkout) - before
    definitions = {name for name in left if name.startswith("CustomResourceDefinition/")}
    assert len(definitions) == 10
    assert left - definitions == {
        "Namespace/monitoring-node-exporter in the cluster",
        "ConfigMap/kube-root-ca.crt in monitoring-node-exporter",
        "ServiceAccount/default in monitoring-node-exporter",
    }
