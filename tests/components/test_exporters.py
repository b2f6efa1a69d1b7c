import re
from typing import Final

import pytest

from common.labels import SELECTOR
from common.project import PROJECT, RULES
from manifests.exporters import (
    EXCLUDED_METRICS,
    POD_MOUNTS,
    blackbox_exporter_values,
    kube_state_metrics_monitor_spec,
    kube_state_metrics_values,
    node_exporter_values,
)
from settings.exporters import BlackboxExporterSettings, KubeStateMetricsSettings, NodeExporterSettings
from settings.probes import MODULES
from settings.scrape_limits import PlatformScrapeLimits
from tests.components.production import run_production, unchanged_production
from tools.mocked_program import STACKS, configuration, run_program

LIMITS: Final = PlatformScrapeLimits()
RELEASE: Final = "kubernetes:helm.sh/v3:Release"
CUSTOM: Final = "kubernetes:monitoring.coreos.com/v1"
NAMESPACE: Final = "kubernetes:core/v1:Namespace"
PRIORITY: Final = "bais-monitoring"
VALUES: Final = {
    "node-exporter": node_exporter_values(NodeExporterSettings(), PRIORITY, limits=LIMITS),
    "kube-state-metrics": kube_state_metrics_values(KubeStateMetricsSettings(), PRIORITY),
    "blackbox-exporter": blackbox_exporter_values(BlackboxExporterSettings(), PRIORITY),
}


@pytest.mark.parametrize("exporter", VALUES)
def test_an_exporter_runs_without_privileges(exporter: str) -> None:
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


def test_the_monitor_of_the_chart_has_the_label_that_prometheus_selects() -> None:
    monitor = VALUES["node-exporter"]["prometheus"]["monitor"]
    assert monitor["enabled"] is True
    assert monitor["additionalLabels"] == dict(SELECTOR)


def test_without_an_interval_the_default_of_prometheus_applies() -> None:
    assert (
        node_exporter_values(NodeExporterSettings(), PRIORITY, limits=LIMITS)["prometheus"]["monitor"]["interval"] == ""
    )
    assert (
        node_exporter_values(NodeExporterSettings(), PRIORITY, limits=LIMITS)["prometheus"]["monitor"]["scrapeTimeout"]
        == ""
    )


def test_the_scrape_interval_of_an_exporter_reaches_its_monitor(cluster_answers: None) -> None:
    interval = {"scrapeInterval": "15s"}
    done = run_production(
        nodeExporter=interval,
        kubeStateMetrics=interval,
        blackboxExporter=interval,
        probes={"http": [{"name": "api", "url": "https://api.example", "service": "bais-api"}]},
    )
    release = done.one(RELEASE, "node-exporter-release").inputs
    assert release["values"]["prometheus"]["monitor"]["interval"] == "15s"
    monitor = done.one(f"{CUSTOM}:ServiceMonitor", "blackbox-exporter-monitor").inputs["spec"]
    assert monitor["endpoints"] == [{"port": "http", "interval": "15s"}]
    assert done.one(f"{CUSTOM}:Probe", "probe-api").inputs["spec"]["interval"] == "15s"


# As the node exporter lists them, by container runtime or distribution.
MOUNTS_OF_PODS: Final = {
    "containerd": "/run/containerd/io.containerd.grpc.v1.cri/sandboxes/1/shm",
    "containerd, root": "/run/containerd/io.containerd.runtime.v2.task/k8s.io/1/rootfs",
    "CRI-O": "/run/containers/storage/overlay-containers/1/userdata/shm",
    "CRI-O, root": "/var/lib/containers/storage/overlay/1/merged",
    "CRI-O, old": "/var/run/containers/storage/overlay-containers/1/userdata/shm",
    "Docker": "/var/lib/docker/overlay2/1/merged",
    "k0s": "/run/k0s/containerd/io.containerd.grpc.v1.cri/sandboxes/1/shm",
    "k0s, volume": "/var/lib/k0s/kubelet/pods/1/volumes/kubernetes.io~projected/token",
    "k3s": "/run/k3s/containerd/io.containerd.grpc.v1.cri/sandboxes/1/shm",
    "k3s, root": "/var/lib/rancher/k3s/agent/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs",
    "kubelet": "/var/lib/kubelet/pods/1/volumes/kubernetes.io~csi/pvc-1/mount",
    "MicroK8s": "/var/snap/microk8s/common/run/containerd/io.containerd.grpc.v1.cri/sandboxes/1/shm",
    "MicroK8s, volume": "/var/snap/microk8s/common/var/lib/kubelet/pods/1/volumes/kubernetes.io~secret/token",
    "network": "/run/netns/cni-1",
    "systemd": "/run/credentials/systemd-sysusers.service",
}


def test_the_node_exporter_runs_on_every_node_and_ignores_mounts_of_pods() -> None:
    values = VALUES["node-exporter"]
    assert values["tolerations"] == [{"operator": "Exists"}]
    (mounts,) = (line for line in values["extraArgs"] if "mount-points-exclude=" in line)
    pattern = re.compile(mounts.partition("=")[2])
    excluded = ("/proc", "/sys/fs/cgroup", *MOUNTS_OF_PODS.values())
    assert [path for path in excluded if not pattern.search(path)] == []
    included = ("/", "/boot", "/var/lib/kubelet", "/var/lib/containers", "/data", "/run", "/devices")
    assert [path for path in included if pattern.search(path)] == []
    # PromQL matches whole values.
    assert [path for path in MOUNTS_OF_PODS.values() if not re.fullmatch(POD_MOUNTS, path)] == []


def test_the_rules_on_disks_leave_out_the_mounts_of_pods_as_the_node_exporter_does() -> None:
    rules = (RULES / "infrastructure.yaml").read_text(encoding="utf-8")
    patterns = re.findall(r'mountpoint!~"([^"]+)"', rules)
    assert set(patterns) == {POD_MOUNTS}
    assert len(patterns) == 3


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


def test_series_of_kube_state_metrics_have_the_labels_of_their_object() -> None:
    objects, own = kube_state_metrics_monitor_spec(KubeStateMetricsSettings(), LIMITS)["endpoints"]
    assert (objects["port"], objects["honorLabels"]) == ("http", True)
    assert "honorLabels" not in own


def test_no_metric_that_the_project_reads_is_excluded_from_kube_state_metrics() -> None:
    boards = (PROJECT / "tests" / "golden" / "boards").glob("*.json")
    texts = [path.read_text(encoding="utf-8") for path in (*RULES.glob("*.yaml"), *boards)]
    read = {name for text in texts for name in re.findall(r"\bkube_[a-z_]+", text)}
    assert len(read) > 40
    excluded = re.compile("|".join(EXCLUDED_METRICS))
    assert [name for name in sorted(read) if excluded.fullmatch(name)] == []


def test_http_metrics_of_kube_state_metrics_are_dropped() -> None:
    spec = kube_state_metrics_monitor_spec(KubeStateMetricsSettings.model_validate({"scrapeInterval": "15s"}), LIMITS)
    assert [endpoint["interval"] for endpoint in spec["endpoints"]] == ["15s", "15s"]
    (rule,) = spec["endpoints"][1]["metricRelabelings"]
    assert (rule["sourceLabels"], rule["action"]) == (["__name__"], "drop")
    assert re.fullmatch(rule["regex"], "http_request_duration_seconds_bucket")
    assert not re.fullmatch(rule["regex"], "kube_state_metrics_list_total")


def test_the_blackbox_exporter_has_one_module_per_kind_of_probe_and_none_for_icmp() -> None:
    modules = VALUES["blackbox-exporter"]["config"]["modules"]
    assert set(modules) == set(MODULES.values())
    assert {module["prober"] for module in modules.values()} == {"http", "tcp"}
    assert modules["http_2xx"]["http"]["valid_http_versions"] == []
    assert modules["tls_connect"]["tcp"]["tls"] is True
    assert "tls" not in modules["tcp_connect"]["tcp"]


def test_a_probe_uses_the_service_of_the_blackbox_exporter(cluster_answers: None) -> None:
    done = run_production(probes={"tcp": [{"name": "db", "address": "db.example:5432", "service": "postgresql"}]})
    probe = done.one(f"{CUSTOM}:Probe", "probe-db")
    release = done.one(RELEASE, "blackbox-exporter-release").inputs
    port = release["values"]["service"]["port"]
    assert probe.inputs["spec"]["prober"]["url"] == f"{release['name']}.monitoring.svc:{port:.0f}"
    assert "blackbox-exporter-release" in probe.dependencies
    monitor = done.one(f"{CUSTOM}:ServiceMonitor", "blackbox-exporter-monitor").inputs["spec"]
    assert monitor["selector"]["matchLabels"] == release["values"]["service"]["labels"]
    assert release["values"]["service"]["labels"][monitor["jobLabel"]] == "blackbox-exporter"


def test_a_changed_address_changes_only_its_own_probe_and_the_rules_that_expect_it(cluster_answers: None) -> None:
    probes = [{"name": name, "url": f"https://{name}.example", "service": name} for name in ("api", "web")]
    before = run_production(probes={"http": probes})
    after = run_production(probes={"http": [probes[0], probes[1] | {"url": "https://web.example/health"}]})
    # By type and name: the order of registration is not deterministic.
    inputs = [{(one.type, one.name): one.inputs for one in done.resources} for done in (before, after)]
    assert inputs[0].keys() == inputs[1].keys()
    changes = {name for kind, name in inputs[0] if inputs[0][kind, name] != inputs[1][kind, name]}
    assert changes == {"availability", "probe-web"}


@pytest.mark.parametrize("key", ["nodeExporter", "kubeStateMetrics", "blackboxExporter"])
def test_a_disabled_exporter_has_no_resources(key: str, cluster_answers: None) -> None:
    component = key[0].upper() + key[1:]
    name = re.sub(r"([A-Z])", r"-\1", key).lower()
    done = run_production(probes={}, **{key: {"enabled": False}})
    assert done.of_type(f"monitoring:index:{component}") == []
    assert [resource.name for resource in done.resources if resource.name.startswith(name)] == []


def test_an_exporter_depends_on_the_crds_and_its_namespace(cluster_answers: None) -> None:
    done = unchanged_production()
    for exporter in VALUES:
        assert "custom-resource-definitions-release" in done.one(RELEASE, f"{exporter}-release").dependencies
    assert "node-exporter-namespace" in done.one(RELEASE, "node-exporter-release").dependencies
