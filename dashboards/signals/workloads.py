"""Pods, workloads, volumes and quotas, from kube-state-metrics and the kubelet."""

from collections.abc import Iterable
from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import Signal
from dashboards.signals.disks import MOST_DAYS
from dashboards.signals.freshness import or_none
from dashboards.signals.pods import SELECTED
from dashboards.units import DAY, DAYS, HOUR, HOURS

_STATE: Final = 'job="kube-state-metrics", namespace=~"$namespace"'
_KUBELET: Final = 'job="kubelet", namespace=~"$namespace"'

PODS_BY_PHASE: Final = Signal(
    name="{{phase}}",
    unit=units.Short,
    expression=(
        f"sum by (phase) (\n  max by (namespace, pod, phase) (kube_pod_status_phase{{{_STATE}}})\n  {SELECTED}\n)"
    ),
)
PODS_NOT_READY: Final = Signal(
    name="{{namespace}}",
    unit=units.Short,
    expression=(
        "sum by (namespace) (\n"
        f'  max by (namespace, pod) (kube_pod_status_ready{{{_STATE}, condition="false"}})\n'
        "  and on (namespace, pod)\n"
        f'  max by (namespace, pod) (kube_pod_status_phase{{{_STATE}, phase=~"Running|Unknown"}}) == 1\n'
        f'  unless on (namespace, pod) kube_pod_owner{{{_STATE}, owner_kind="Job"}}\n  {SELECTED}\n)'
    ),
)
_KINDS: Final = (
    ("deployment", "kube_deployment_spec_replicas", "kube_deployment_status_replicas_available"),
    ("statefulset", "kube_statefulset_replicas", "kube_statefulset_status_replicas_ready"),
    ("daemonset", "kube_daemonset_status_desired_number_scheduled", "kube_daemonset_status_number_available"),
)


def _by_workload(metrics: Iterable[tuple[str, str]]) -> str:
    """Return one expression of metrics per kind, with the workload's name in the label `workload`."""
    of_kinds = "\n  or ".join(
        f'label_replace({metric}{{{_STATE}, {kind}=~"$workload"}}, "workload", "$1", "{kind}", "(.+)")'
        for kind, metric in metrics
    )
    return f"max by (namespace, workload) (\n  {of_kinds}\n)"


_DESIRED: Final = _by_workload((kind, desired) for kind, desired, _ in _KINDS)
_AVAILABLE: Final = _by_workload((kind, available) for kind, _, available in _KINDS)

REPLICAS: Final = (
    Signal(name="missing", unit=units.Short, expression=f"{_DESIRED}\n- {_AVAILABLE}"),
    Signal(name="desired", unit=units.Short, expression=_DESIRED),
    Signal(name="available", unit=units.Short, expression=_AVAILABLE),
)
REPLICAS_MISSING: Final = or_none(
    Signal(
        name="{{namespace}} {{workload}}",
        unit=units.Short,
        expression=f"topk(10, {_DESIRED}\n- {_AVAILABLE} > 0)",
    ),
    "workload",
)
JOBS_FAILED: Final = or_none(
    Signal(
        name="{{namespace}} {{job_name}}",
        unit=units.Short,
        expression=f'topk(10, max by (namespace, job_name) (kube_job_failed{{{_STATE}, condition="true"}}) > 0)',
    ),
    "job_name",
)
JOBS_RUNNING: Final = or_none(
    Signal(
        name="{{namespace}} {{job_name}}",
        unit=HOURS,
        expression=(
            f"topk(10, (time() - max by (namespace, job_name) (kube_job_status_start_time{{{_STATE}}})) / {HOUR}\n"
            f"and on (namespace, job_name) max by (namespace, job_name) (kube_job_status_active{{{_STATE}}}) > 0)"
        ),
    ),
    "job_name",
)
CRONJOBS: Final = Signal(
    name="{{namespace}}/{{cronjob}}",
    unit=HOURS,
    expression=(
        "topk(10, time() - (\n"
        f"  max by (namespace, cronjob) (kube_cronjob_status_last_successful_time{{{_STATE}}})\n"
        f"  or max by (namespace, cronjob) (kube_cronjob_created{{{_STATE}}})\n)) / {HOUR}"
    ),
)
AUTOSCALERS: Final = Signal(
    name="{{namespace}}/{{horizontalpodautoscaler}}",
    unit=units.PercentUnit,
    expression=(
        "topk(10, max by (namespace, horizontalpodautoscaler) (\n"
        f"  kube_horizontalpodautoscaler_status_current_replicas{{{_STATE}}}\n"
        f"  / kube_horizontalpodautoscaler_spec_max_replicas{{{_STATE}}}\n))"
    ),
)
VOLUME_FREE: Final = Signal(
    name="{{namespace}}/{{persistentvolumeclaim}}",
    unit=units.PercentUnit,
    expression=(
        "bottomk(10, max by (namespace, persistentvolumeclaim) (\n"
        f"  kubelet_volume_stats_available_bytes{{{_KUBELET}}}\n"
        f"  / (kubelet_volume_stats_capacity_bytes{{{_KUBELET}}} > 0)\n))"
    ),
)
VOLUME_INODES_FREE: Final = Signal(
    name="{{namespace}}/{{persistentvolumeclaim}}",
    unit=units.PercentUnit,
    expression=(
        "bottomk(10, max by (namespace, persistentvolumeclaim) (\n"
        f"  kubelet_volume_stats_inodes_free{{{_KUBELET}}}\n"
        f"  / (kubelet_volume_stats_inodes{{{_KUBELET}}} > 0)\n))"
    ),
)
VOLUME_DAYS: Final = or_none(
    Signal(
        name="{{namespace}} {{persistentvolumeclaim}}",
        unit=DAYS,
        expression=(
            "bottomk(10, max by (namespace, persistentvolumeclaim) (\n"
            f"  kubelet_volume_stats_available_bytes{{{_KUBELET}}}\n"
            f"  / -(deriv(kubelet_volume_stats_available_bytes{{{_KUBELET}}}[6h]) < 0)\n) / {DAY} < {MOST_DAYS})"
        ),
    ),
    "namespace",
    text=f"none within {MOST_DAYS} days",
    value=MOST_DAYS,
)
CLAIMS_WAITING: Final = or_none(
    Signal(
        name="{{namespace}} {{phase}}",
        unit=units.Short,
        expression=(
            "sum by (namespace, phase) (max by (namespace, persistentvolumeclaim, phase) (\n"
            f'  kube_persistentvolumeclaim_status_phase{{{_STATE}, phase=~"Pending|Lost"}}\n)) > 0'
        ),
    ),
    "namespace",
)
QUOTAS: Final = Signal(
    name="{{namespace}} {{resource}}",
    unit=units.PercentUnit,
    expression=(
        f'topk(10, max by (namespace, resourcequota, resource) (kube_resourcequota{{{_STATE}, type="used"}})\n'
        f'/ (max by (namespace, resourcequota, resource) (kube_resourcequota{{{_STATE}, type="hard"}}) > 0))'
    ),
)
