import dataclasses
import json
from typing import Final

import pulumi
import pytest
import yaml

from catalogue import loader
from common.labels import SPECIFICATION_ANNOTATION
from manifests.charts import RELEASED
from manifests.custom_resources import PLURALS
from preflight.namespaced_objects import BY_NAME, namespaced_objects
from settings.credentials import CREDENTIALS
from settings.list_checks import as_mapping
from settings.loader import RawConfig, build_settings, load_sections
from tests.components.production import production, run_production, unchanged_production
from tests.program_environment import write_charts
from tools.canaries import leaked_credentials
from tools.mocked_program import (
    COMPLETE_STACKS,
    STACKS,
    Registration,
    Run,
    configuration,
    run_program,
    with_every_exporter,
)
from tools.stubbed_cluster import stubbed_cluster

TOKENS: Final = {
    "monitoring:index:AlertingCatalogue",
    "monitoring:index:Alertmanager",
    "monitoring:index:BaisServices",
    "monitoring:index:BlackboxExporter",
    "monitoring:index:CustomResourceDefinitions",
    "monitoring:index:Dashboards",
    "monitoring:index:Grafana",
    "monitoring:index:KubeStateMetrics",
    "monitoring:index:Namespace",
    "monitoring:index:NetworkPolicies",
    "monitoring:index:NodeExporter",
    "monitoring:index:Operator",
    "monitoring:index:PostgresExporter",
    "monitoring:index:PriorityClasses",
    "monitoring:index:Prometheus",
    "monitoring:index:RedisExporter",
    "monitoring:index:Runbooks",
    "monitoring:index:ScrapeLimits",
    "monitoring:index:Verification",
}
RELEASES: Final = {
    "prometheus-operator-crds": "monitoring",
    "kube-prometheus-stack": "monitoring",
    "prometheus-node-exporter": "monitoring-node-exporter",
    "kube-state-metrics": "monitoring",
    "prometheus-blackbox-exporter": "monitoring",
    "grafana": "monitoring",
    "prometheus-postgres-exporter": "monitoring",
    "prometheus-redis-exporter": "monitoring",
}
RELEASE: Final = "kubernetes:helm.sh/v3:Release"
CUSTOM: Final = "kubernetes:monitoring.coreos.com/v1"


def chart_of(release: Registration) -> str:
    """Return the name of the chart, for any source."""
    return str(release.inputs["chart"]).rpartition("/")[2]


@pytest.fixture(scope="module", params=[(stack, preview) for stack in STACKS for preview in (True, False)], ids=str)
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return the resources of one run of the program; tests must not change it."""
    stack, preview = request.param
    charts = write_charts(tmp_path_factory.mktemp("program") / "charts", stand_in=True)
    with stubbed_cluster(), pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("KUBECONFIG", "a path of this machine")
        return run_program(configuration(stack, charts if stack == "local" else "upstream"), preview=preview)


@pytest.fixture
def complete(done: Run) -> Run:
    """The run, if its stack has every component."""
    if (stack := done.outputs["environment"]) not in COMPLETE_STACKS:
        pytest.skip(f"stack {stack} may lack components")
    return done


def test_the_component_tokens_never_change(complete: Run) -> None:
    assert {resource.type for resource in complete.resources if resource.type.startswith("monitoring:")} == TOKENS


def test_every_resource_of_the_cluster_is_a_child_of_a_component(done: Run) -> None:
    components = {resource.name for resource in done.resources if resource.type in TOKENS}
    children = [resource for resource in done.resources if resource.type.startswith("kubernetes:")]
    assert children
    # The stack `local` has no BAIS services, so this component may have no children.
    assert {child.parent for child in children} | {"bais-services", "verification"} == components


def test_every_resource_of_the_cluster_uses_the_explicit_provider(done: Run) -> None:
    for resource in done.resources:
        if resource.type.startswith("kubernetes:"):
            assert "pulumi:providers:kubernetes::cluster::" in resource.provider, resource.name


def test_the_provider_stores_no_kubeconfig_in_the_state(done: Run) -> None:
    provider = done.one("pulumi:providers:kubernetes", "cluster").inputs
    assert provider["kubeconfig"] == ""
    assert provider["enableServerSideApply"] == "true"
    assert provider["enableConfigMapMutable"] == "true"
    assert provider["enableSecretMutable"] == "true"
    assert provider["clusterIdentifier"].startswith("bais-")


def test_every_release_has_a_name_a_pinned_version_and_a_timeout(complete: Run) -> None:
    releases = complete.of_type(RELEASE)
    charts = {chart.name: chart for chart in RELEASED}
    assert {chart_of(release): release.inputs["namespace"] for release in releases} == RELEASES
    for release in releases:
        inputs = release.inputs
        assert charts[chart_of(release)].has_release(inputs["name"])
        assert inputs["version"]
        assert inputs["timeout"] == 300
        assert inputs["maxHistory"] == 5
        assert inputs["skipCrds"] is True
        assert inputs["createNamespace"] is False


def test_there_is_one_prometheus_rule_per_area(done: Run) -> None:
    areas = {area.name for area in loader.load().areas}
    assert {rule.name for rule in done.of_type(f"{CUSTOM}:PrometheusRule")} == areas


def test_every_rule_and_monitor_has_the_label_that_prometheus_selects(done: Run) -> None:
    prometheus = done.one(f"{CUSTOM}:Prometheus", "prometheus-instance").inputs["spec"]
    key, value = done.outputs["selector_label"].split("=")
    kinds = {
        "rule": "PrometheusRule",
        "serviceMonitor": "ServiceMonitor",
        "podMonitor": "PodMonitor",
        "probe": "Probe",
    }
    for selector, kind in ((f"{name}Selector", kind) for name, kind in kinds.items()):
        assert prometheus[selector] == {"matchLabels": {key: value}}
        for resource in done.of_type(f"{CUSTOM}:{kind}"):
            assert resource.inputs["metadata"]["labels"][key] == value
    assert done.one(RELEASE, "operator-release").inputs["values"]["commonLabels"] == {key: value}


def test_every_series_has_the_labels_environment_and_cluster(done: Run) -> None:
    spec = done.one(f"{CUSTOM}:Prometheus", "prometheus-instance").inputs["spec"]
    (scraped,) = spec["scrapeClasses"]
    assert scraped["default"] is True
    labels = {one["targetLabel"]: one["replacement"] for one in scraped["relabelings"]}
    assert labels == spec["externalLabels"]
    assert set(labels) == {"environment", "cluster"}


def test_only_scrape_configs_are_limited_to_the_stacks_own_namespace(done: Run) -> None:
    spec = done.one(f"{CUSTOM}:Prometheus", "prometheus-instance").inputs["spec"]
    assert [spec[f"{kind}NamespaceSelector"] for kind in ("serviceMonitor", "podMonitor", "probe", "rule")] == [{}] * 4
    assert "scrapeConfigNamespaceSelector" not in spec


def test_cluster_targets_get_no_token_over_plain_http_and_the_stacks_scrape_interval(done: Run) -> None:
    values = done.one(RELEASE, "operator-release").inputs["values"]
    interval = done.one(f"{CUSTOM}:Prometheus", "prometheus-instance").inputs["spec"]["scrapeInterval"]
    assert values["kubelet"]["serviceMonitor"]["cAdvisorInterval"] == interval
    assert values["coreDns"]["serviceMonitor"]["bearerTokenFile"] == ""


def test_the_verification_waits_for_both_instances_instead_of_the_provider(done: Run) -> None:
    for kind, name in (("Prometheus", "prometheus"), ("Alertmanager", "alertmanager")):
        annotations = done.one(f"{CUSTOM}:{kind}", f"{name}-instance").inputs["metadata"]["annotations"]
        assert set(annotations) == {"pulumi.com/skipAwait", "pulumi.com/patchForce", SPECIFICATION_ANNOTATION}


def test_prometheus_has_only_the_permissions_for_discovery(done: Run) -> None:
    role = done.one("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "prometheus-cluster-role")
    allowed = {
        (group, resource): set(rule["verbs"])
        for rule in role.inputs["rules"]
        for group in rule.get("apiGroups", [])
        for resource in rule["resources"]
    }
    discovered = {
        *(("", "services"), ("", "pods"), ("", "nodes")),
        *(("discovery.k8s.io", "endpointslices"), ("networking.k8s.io", "ingresses")),
    }
    assert allowed == {each: {"get", "list", "watch"} for each in discovered} | {("", "nodes/metrics"): {"get"}}


def test_external_urls_default_to_those_inside_the_cluster(cluster_answers: None) -> None:
    done = run_program(configuration("staging", "upstream"))
    assert done.outputs["prometheus_external_url"] == done.outputs["prometheus_url"]
    for kind, name in (("Prometheus", "prometheus"), ("Alertmanager", "alertmanager")):
        spec = done.one(f"{CUSTOM}:{kind}", f"{name}-instance").inputs["spec"]
        assert spec["externalUrl"] == done.outputs[f"{name}_url"]


def test_external_urls_are_those_of_the_settings(cluster_answers: None) -> None:
    links = {"prometheus": "https://prometheus.bais.example", "alertmanager": "https://bais.example/alertmanager"}
    default_links = production().values["links"]
    assert isinstance(default_links, dict)
    done = run_production(links=default_links | links)
    for kind, name in (("Prometheus", "prometheus"), ("Alertmanager", "alertmanager")):
        assert done.one(f"{CUSTOM}:{kind}", f"{name}-instance").inputs["spec"]["externalUrl"] == links[name]
        assert done.outputs[f"{name}_url"].endswith(f"monitoring.svc:{9090 if name == 'prometheus' else 9093}")


@pytest.mark.parametrize("stack", STACKS)
def test_every_object_in_the_namespace_is_one_that_preflight_looks_for(stack: str, cluster_answers: None) -> None:
    raw = with_every_exporter(configuration(stack, "upstream"))
    thanos = {"prometheus": {**as_mapping(raw.values.get("prometheus")), "thanos": {}}}
    links = {"links": {**as_mapping(raw.values["links"]), "runbooks": "grafana"}}
    raw = dataclasses.replace(raw, values={**raw.values, **thanos, **links})
    planned = namespaced_objects(build_settings(load_sections(raw)))
    created = {
        (each.inputs.get("kind") or each.type.rpartition(":")[2], each.inputs["metadata"]["name"])
        for each in run_program(raw).resources
        if each.inputs.get("metadata", {}).get("namespace") == "monitoring"
    }
    assert len(created) > 40
    # Secrets are read with their values, by preflight/generated_secrets.py.
    assert {(kind, name) for kind, name in created if kind != "Secret"} == planned
    in_lists = {"PersistentVolumeClaim", "NetworkPolicy", "Service", "Ingress"}
    assert {kind for kind, _ in planned} <= {*PLURALS, *BY_NAME, *in_lists}


def test_only_several_replicas_get_a_disruption_budget(done: Run) -> None:
    budgets = {budget.parent for budget in done.of_type("kubernetes:policy/v1:PodDisruptionBudget")}
    for kind, name in (("Prometheus", "prometheus"), ("Alertmanager", "alertmanager")):
        replicas = done.one(f"{CUSTOM}:{kind}", f"{name}-instance").inputs["spec"]["replicas"]
        assert (name in budgets) == (replicas > 1)


def test_resources_depend_on_their_prerequisites(done: Run) -> None:
    def after(kind: str, name: str) -> frozenset[str]:
        return done.one(kind, name).dependencies

    assert "namespace-namespace" in after(RELEASE, "custom-resource-definitions-release")
    assert "custom-resource-definitions-release" in after(RELEASE, "operator-release")
    assert "operator-release" in after(f"{CUSTOM}:Prometheus", "prometheus-instance")
    assert {"operator-release", "alertmanager-tokens"} <= after(f"{CUSTOM}:Alertmanager", "alertmanager-instance")
    for rule in done.of_type(f"{CUSTOM}:PrometheusRule"):
        assert "custom-resource-definitions-release" in rule.dependencies


def test_no_secret_is_in_a_plain_input_or_output(done: Run) -> None:
    plain = json.dumps([resource.inputs for resource in done.resources]) + json.dumps(done.outputs)
    assert leaked_credentials(CREDENTIALS, plain) == set()
    # Counter-check: the same search finds the secrets in the decrypted inputs.
    assert "slackWarningWebhookUrl" in leaked_credentials(
        CREDENTIALS, json.dumps([each.decrypted for each in done.resources])
    )


def test_the_alertmanager_mounts_every_token_that_its_configuration_reads(done: Run) -> None:
    secrets = {secret.name: secret for secret in done.of_type("kubernetes:core/v1:Secret")}
    configuration_secret, tokens = secrets["alertmanager-configuration"], secrets["alertmanager-tokens"]
    instance = done.one(f"{CUSTOM}:Alertmanager", "alertmanager-instance").inputs["spec"]
    assert instance["configSecret"] == configuration_secret.inputs["metadata"]["name"]
    assert instance["secrets"] == [tokens.inputs["metadata"]["name"]]
    words = configuration_secret.decrypted["stringData"]["alertmanager.yaml"].split()
    read = {word for word in words if word.startswith("/etc/alertmanager/secrets/")}
    mounted = {f"/etc/alertmanager/secrets/{instance['secrets'][0]}/{key}" for key in tokens.decrypted["stringData"]}
    assert read == mounted


def test_a_preview_shows_the_configuration_of_alertmanager(done: Run) -> None:
    secret = next(one for one in done.of_type("kubernetes:core/v1:Secret") if one.name == "alertmanager-configuration")
    assert "receiver" not in json.dumps(secret.inputs)
    shown = done.one("monitoring:index:Alertmanager", "alertmanager").inputs["configuration"]
    assert shown == yaml.safe_load(secret.decrypted["stringData"]["alertmanager.yaml"])


def test_outputs_are_flat(done: Run) -> None:
    """Outputs are scalars, or lists or mappings of scalars, for any program to read."""
    for name, value in done.outputs.items():
        items = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [value]
        assert all(isinstance(item, str | float | int) for item in items), name


def test_outputs_have_the_urls_of_the_components(complete: Run) -> None:
    assert complete.outputs["prometheus_url"] == "http://prometheus.monitoring.svc:9090"
    assert complete.outputs["alertmanager_url"] == "http://alertmanager.monitoring.svc:9093"
    assert complete.outputs["grafana_url"] == "http://grafana.monitoring.svc:3000"
    assert complete.outputs["grafana_admin_secret"] == "grafana-admin"
    assert complete.outputs["runbook_base_url"] == "https://runbooks.bais.example"
    assert complete.outputs["dashboard_label"] == "grafana_dashboard=1"


@pytest.mark.parametrize(("on", "url"), [(True, "http://prometheus.monitoring.svc:9090/api/v1/write"), (False, "")])
def test_the_remote_write_url_is_an_output_if_the_receiver_is_enabled(
    on: bool, url: str, cluster_answers: None
) -> None:
    base = configuration("staging", "upstream")
    values = {**base.values, "prometheus": {"remoteWriteReceiver": on}}
    assert run_program(dataclasses.replace(base, values=values)).outputs["remote_write_url"] == url


def test_outputs_have_the_labels_that_alerts_of_other_teams_must_have(done: Run) -> None:
    assert done.outputs["alert_label_names"] == ["severity", "team", "area"]
    assert done.outputs["alert_severities"] == ["critical", "warning", "info", "none"]
    assert "business" in done.outputs["alert_areas"]


def test_outputs_have_the_names_of_the_alerts_and_the_catalogue_version(done: Run) -> None:
    assert done.outputs["alert_names"] == sorted(loader.load().alerts)
    assert len(done.outputs["catalogue_version"]) == 12


@pytest.mark.parametrize(
    ("stack", "prometheus", "alertmanager", "retention"), [("staging", 1, 2, "7d"), ("prod", 2, 3, "30d")]
)
def test_replicas_and_retention_are_set_per_stack(
    stack: str, prometheus: int, alertmanager: int, retention: str, cluster_answers: None
) -> None:
    done = run_program(configuration(stack, "upstream"))
    instance = done.one(f"{CUSTOM}:Prometheus", "prometheus-instance").inputs["spec"]
    assert (instance["replicas"], instance["retention"]) == (prometheus, retention)
    assert done.one(f"{CUSTOM}:Alertmanager", "alertmanager-instance").inputs["spec"]["replicas"] == alertmanager
    assert instance["externalLabels"] == {"environment": stack, "cluster": f"bais-{stack}"}


def test_stand_in_charts_are_named_in_the_outputs(cluster_answers: None, stand_in_charts: str) -> None:
    done = run_program(configuration("local", stand_in_charts))
    assert done.outputs["stand_in_charts"] == list(RELEASES)
    assert done.one(RELEASE, "operator-release").inputs["chart"] == f"{stand_in_charts}/kube-prometheus-stack"


def test_an_override_changes_only_the_rules_of_its_area(cluster_answers: None) -> None:
    name = next(iter(sorted(loader.load().alerts)))
    changed = run_production(alerts={"overrides": {name: {"for": "59m"}}})
    specs = [
        {rule.name: rule.inputs["spec"] for rule in done.of_type(f"{CUSTOM}:PrometheusRule")}
        for done in (unchanged_production(), changed)
    ]
    assert len([area for area in specs[0] if specs[0][area] != specs[1][area]]) == 1


def test_a_malformed_structure_is_reported_as_a_problem(cluster_answers: None) -> None:
    with pytest.raises(
        pulumi.RunError, match=r'monitoring:charts  found "{source"; allowed: a mapping with the keys source'
    ):
        run_production(charts="{source")


def test_a_problem_stops_the_program_before_it_registers_anything(cluster_answers: None) -> None:
    base = configuration("prod", "upstream")
    wrong = RawConfig(stack="prod", values={**base.values, "prometheus": {"replicas": "3"}}, secrets=frozenset())
    done = Run()
    # One for the number, and one per missing credential.
    count = 1 + len(base.secrets)
    with pytest.raises(pulumi.RunError, match=rf"\A{count} problems in the settings of stack prod:\n") as raised:
        run_program(wrong, done=done)
    assert done.resources == []
    lines = str(raised.value).splitlines()
    assert lines[1].split(maxsplit=1) == [
        "monitoring:prometheus.replicas",
        'found "3"; allowed: a whole number from 1 to 10',
    ]
    assert len({line.index("found ") for line in lines[1:]}) == 1
