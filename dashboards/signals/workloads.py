"""What runs in the cluster. Several kube-state-metrics or kubelets may tell of one pod, hence `max by` before a sum."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import WINDOW, Signal

_NAMESPACE: Final = 'namespace=~"$namespace"'
# The series of a pod as a whole and those of its sandbox would count everything twice.
_CONTAINER: Final = f'{_NAMESPACE}, container!="", image!=""'
_ONCE: Final = "max by (namespace, pod, container)"

PODS_RUNNING: Final = Signal(
    name="running",
    unit=units.Short,
    expression=f'sum(max by (namespace, pod) (kube_pod_status_phase{{{_NAMESPACE}, phase="Running"}}))',
)
PODS_NOT_RUNNING: Final = Signal(
    name="{{phase}}",
    unit=units.Short,
    expression=(
        "sum by (phase) (max by (namespace, pod, phase) (\n"
        f'  kube_pod_status_phase{{{_NAMESPACE}, phase=~"Pending|Failed|Unknown"}}\n))'
    ),
)
RESTARTS: Final = Signal(
    name="{{namespace}}/{{pod}}",
    unit=units.Short,
    expression=(
        "topk(10, sum by (namespace, pod) (max by (namespace, pod, container) (\n"
        f"  increase(kube_pod_container_status_restarts_total{{{_NAMESPACE}}}[1h])\n)) > 0)"
    ),
)
CPU_USE: Final = Signal(
    name="{{namespace}}/{{pod}}",
    unit=units.Short,
    expression=(
        f"topk(10, sum by (namespace, pod) ({_ONCE} (\n"
        f"  rate(container_cpu_usage_seconds_total{{{_CONTAINER}}}{WINDOW})\n)))"
    ),
)
CPU_THROTTLED: Final = Signal(
    name="{{namespace}}/{{pod}}",
    unit=units.PercentUnit,
    expression=(
        "topk(10, sum by (namespace, pod) "
        f'(rate(container_cpu_cfs_throttled_periods_total{{{_NAMESPACE}, container!=""}}{WINDOW}))\n'
        "/ (sum by (namespace, pod) "
        f'(rate(container_cpu_cfs_periods_total{{{_NAMESPACE}, container!=""}}{WINDOW})) > 0))'
    ),
)
MEMORY_USE: Final = Signal(
    name="{{namespace}}/{{pod}}",
    unit=units.PercentUnit,
    expression=(
        f"topk(10, max by (namespace, pod) ({_ONCE} (container_memory_working_set_bytes{{{_CONTAINER}}})\n"
        f'/ ({_ONCE} (kube_pod_container_resource_limits{{{_NAMESPACE}, resource="memory"}}) > 0)))'
    ),
)
REPLICAS_AVAILABLE: Final = Signal(
    name="{{namespace}}/{{deployment}}",
    unit=units.PercentUnit,
    expression=(
        f"max by (namespace, deployment) (kube_deployment_status_replicas_available{{{_NAMESPACE}}})\n"
        f"/ (max by (namespace, deployment) (kube_deployment_spec_replicas{{{_NAMESPACE}}}) > 0)"
    ),
)
VOLUME_USE: Final = Signal(
    name="{{namespace}}/{{persistentvolumeclaim}}",
    unit=units.PercentUnit,
    expression=(
        "max by (namespace, persistentvolumeclaim) (\n"
        f"  kubelet_volume_stats_used_bytes{{{_NAMESPACE}}}\n"
        f"  / (kubelet_volume_stats_capacity_bytes{{{_NAMESPACE}}} > 0)\n)"
    ),
)
