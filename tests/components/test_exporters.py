import re

import pytest

from common.labels import SELECTOR
from manifests.exporters import blackbox_exporter_values, kube_state_metrics_values, node_exporter_values
from settings.exporters import BlackboxExporterSettings, KubeStateMetricsSettings, NodeExporterSettings
from settings.loader import RawConfig
from settings.probes import MODULES
from tools.mocked_program import STACKS, Run, configuration, run_program

RELEASE = "kubernetes:helm.sh/v3:Release"
CUSTOM = "kubernetes:monitoring.coreos.com/v1"
NAMESPACE = "kubernetes:core/v1:Namespace"
PRIORITY = "bais-monitoring"
VALUES = {
    "node-exporter": node_exporter_values(NodeExporterSettings(), PRIORITY),
    "kube-state-metrics": kube_state_metrics_values(KubeStateMetricsSettings(), PRIORITY),
    "blackbox-exporter": blackbox_exporter_values(BlackboxExporterSettings(), PRIORITY),
}


def changed(**changes: object) -> Run:
    before = configuration("prod", "upstream")
    return run_program(RawConfig(stack="prod", values={**before.values, **changes}, secrets=before.secrets))


@pytest.mark.parametrize("exporter", VALUES)
def test_an_exporter_is_nobody_and_may_do_nothing(exporter: str) -> None:
    values = VALUES[exporter]
    pod = values["podSecurityContext" if exporter == "blackbox-exporter" else "securityContext"]
    container = values["securityContext" if exporter == "blackbox-exporter" else "containerSecurityContext"]
    assert pod["runAsNonRoot"] is True
    assert pod["runAsUser"] == 65534
    assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["allowPrivilegeEscalation"] is False
    assert container["readOnlyRootFilesystem"] is True
    assert container["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("exporter", VALUES)
def test_an_exporter_has_requests_and_a_memory_limit(exporter: str) -> None:
    resources = VALUES[exporter]["resources"]
    assert set(resources["requests"]) == {"cpu", "memory"}
    assert set(resources["limits"]) == {"memory"}


@pytest.mark.parametrize("exporter", ["node-exporter", "kube-state-metrics"])
def test_the_chart_makes_a_monitor_that_prometheus_selects(exporter: str) -> None:
    monitor = VALUES[exporter]["prometheus"]["monitor"]
    assert monitor["enabled"] is True
    assert monitor["additionalLabels"] == dict(SELECTOR)


def test_without_an_interval_that_of_prometheus_applies() -> None:
    assert node_exporter_values(NodeExporterSettings(), PRIORITY)["prometheus"]["monitor"]["interval"] == ""
    assert node_exporter_values(NodeExporterSettings(), PRIORITY)["prometheus"]["monitor"]["scrapeTimeout"] == ""


def test_an_interval_of_its_own_reaches_the_monitor(cluster_answers: None) -> None:
    own = {"scrapeInterval": "15s"}
    done = changed(
        nodeExporter=own,
        kubeStateMetrics=own,
        blackboxExporter=own,
        probes={"http": [{"name": "api", "url": "https://api.example", "service": "bais-api"}]},
    )
    monitors = {
        name: done.one(RELEASE, f"{name}-release").inputs["values"]["prometheus"]["monitor"]
        for name in ("node-exporter", "kube-state-metrics")
    }
    assert monitors["node-exporter"]["interval"] == "15s"
    assert [monitors["kube-state-metrics"][port]["interval"] for port in ("http", "metrics")] == ["15s", "15s"]
    monitor = done.one(f"{CUSTOM}:ServiceMonitor", "blackbox-exporter-monitor").inputs["spec"]
    assert monitor["endpoints"] == [{"port": "http", "interval": "15s"}]
    assert done.one(f"{CUSTOM}:Probe", "probe-api").inputs["spec"]["interval"] == "15s"


def test_the_node_exporter_stands_on_every_node_and_skips_what_pods_mount() -> None:
    values = VALUES["node-exporter"]
    assert values["tolerations"] == [{"operator": "Exists"}]
    (mounts,) = (line for line in values["extraArgs"] if "mount-points-exclude=" in line)
    pattern = re.compile(mounts.partition("=")[2])
    skipped = ("/proc", "/sys/fs/cgroup", "/run/containerd/io.x/rootfs", "/var/lib/kubelet/pods/1/volumes/x")
    assert [path for path in skipped if not pattern.search(path)] == []
    kept = ("/", "/boot", "/var/lib/kubelet", "/var/lib/containers", "/data", "/run", "/devices")
    assert [path for path in kept if pattern.search(path)] == []


@pytest.mark.parametrize("stack", STACKS)
def test_only_the_node_exporters_namespace_is_privileged(
    stack: str, cluster_answers: None, stand_in_charts: str
) -> None:
    done = run_program(configuration(stack, stand_in_charts if stack == "local" else "upstream"))
    levels = {
        namespace.inputs["metadata"]["name"]: namespace.inputs["metadata"]["labels"][
            "pod-security.kubernetes.io/enforce"
        ]
        for namespace in done.of_type(NAMESPACE)
    }
    assert levels == {"monitoring": "restricted", "monitoring-node-exporter": "privileged"}


def test_kube_state_metrics_may_not_read_secrets() -> None:
    assert {"secrets", "configmaps"} <= set(VALUES["kube-state-metrics"]["collectorsExclude"])


def test_kube_state_metrics_names_the_pods_that_it_reports_on_not_its_own() -> None:
    assert VALUES["kube-state-metrics"]["prometheus"]["monitor"]["http"]["honorLabels"] is True


def test_kube_state_metrics_own_requests_are_not_taken_for_customers() -> None:
    (rule,) = VALUES["kube-state-metrics"]["prometheus"]["monitor"]["metrics"]["metricRelabelings"]
    assert (rule["sourceLabels"], rule["action"]) == (["__name__"], "drop")
    assert re.fullmatch(rule["regex"], "http_request_duration_seconds_bucket")
    assert not re.fullmatch(rule["regex"], "kube_state_metrics_list_total")


def test_the_blackbox_exporter_has_the_module_of_every_kind_of_probe_and_sends_no_pings() -> None:
    modules = VALUES["blackbox-exporter"]["config"]["modules"]
    assert set(modules) == set(MODULES.values())
    assert {module["prober"] for module in modules.values()} == {"http", "tcp"}
    assert modules["http_2xx"]["http"]["valid_http_versions"] == []
    assert modules["tls_connect"]["tcp"]["tls"] is True
    assert "tls" not in modules["tcp_connect"]["tcp"]


def test_a_probe_asks_the_exporters_service(cluster_answers: None) -> None:
    done = changed(probes={"tcp": [{"name": "db", "address": "db.example:5432", "service": "postgresql"}]})
    probe = done.one(f"{CUSTOM}:Probe", "probe-db")
    release = done.one(RELEASE, "blackbox-exporter-release").inputs
    port = release["values"]["service"]["port"]
    assert probe.inputs["spec"]["prober"]["url"] == f"{release['name']}.monitoring.svc:{port:.0f}"
    assert "blackbox-exporter-release" in probe.dependencies
    monitor = done.one(f"{CUSTOM}:ServiceMonitor", "blackbox-exporter-monitor").inputs["spec"]
    assert monitor["selector"]["matchLabels"] == release["values"]["service"]["labels"]
    assert release["values"]["service"]["labels"][monitor["jobLabel"]] == "blackbox-exporter"


def test_a_changed_address_changes_its_own_probe_only(cluster_answers: None) -> None:
    probes = [{"name": name, "url": f"https://{name}.example", "service": name} for name in ("api", "web")]
    before = changed(probes={"http": probes})
    after = changed(probes={"http": [probes[0], probes[1] | {"url": "https://web.example/health"}]})
    # By type and name: the order in which the engine hears of them is chance.
    inputs = [{(one.type, one.name): one.inputs for one in done.resources} for done in (before, after)]
    assert inputs[0].keys() == inputs[1].keys()
    assert [name for kind, name in inputs[0] if inputs[0][kind, name] != inputs[1][kind, name]] == ["probe-web"]


@pytest.mark.parametrize("key", ["nodeExporter", "kubeStateMetrics", "blackboxExporter"])
def test_an_exporter_that_is_off_leaves_nothing(key: str, cluster_answers: None) -> None:
    component = key[0].upper() + key[1:]
    name = re.sub(r"([A-Z])", r"-\1", key).lower()
    done = changed(probes={}, **{key: {"enabled": False}})
    assert done.of_type(f"monitoring:index:{component}") == []
    assert [resource.name for resource in done.resources if resource.name.startswith(name)] == []


def test_an_exporter_waits_for_the_definitions_and_for_its_namespace(cluster_answers: None) -> None:
    done = changed()
    for exporter in VALUES:
        assert "custom-resource-definitions-release" in done.one(RELEASE, f"{exporter}-release").dependencies
    assert "node-exporter-namespace" in done.one(RELEASE, "node-exporter-release").dependencies
