"""CPU and memory of the containers of the selected pods.

One container may have several series, hence `max by` before a sum.
"""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal
from dashboards.signals.freshness import or_none
from dashboards.signals.pods import SELECTED

# Series without a container name are totals of the pod and would be counted twice.
_USED: Final = 'job="kubelet", namespace=~"$namespace", container!=""'
_STATE: Final = 'job="kube-state-metrics", namespace=~"$namespace"'
_ONCE: Final = "max by (namespace, pod, container)"
_TOTAL: Final = "sum by (namespace, pod, container)"

_MEMORY: Final = (
    f"(\n    {_ONCE} (container_memory_working_set_bytes{{{_USED}}})\n"
    f"    - {_ONCE} (container_memory_total_active_file_bytes{{{_USED}}})\n"
    f"    or {_ONCE} (container_memory_rss{{{_USED}}})\n  )\n"
    f'  / ({_ONCE} (kube_pod_container_resource_limits{{{_STATE}, resource="memory"}}) > 0)\n'
)

RESTARTS: Final = or_none(
    Signal(
        name="{{namespace}} {{pod}}",
        unit=units.Short,
        expression=(
            f"topk(10, sum by (namespace, pod) ({_ONCE} (\n"
            f"  increase(kube_pod_container_status_restarts_total{{{_STATE}}}[1h])\n)) > 0\n  {SELECTED}\n)"
        ),
    ),
    "pod",
)
CPU_USE: Final = Signal(
    name="{{namespace}}/{{pod}}",
    unit=units.Short,
    expression=(
        f"topk(10, sum by (namespace, pod) ({_ONCE} (\n"
        f"  rate(container_cpu_usage_seconds_total{{{_USED}}}{RATE_WINDOW})\n))\n  {SELECTED}\n)"
    ),
)
CPU_OF_REQUEST: Final = Signal(
    name="{{namespace}}/{{pod}}",
    unit=units.PercentUnit,
    expression=(
        "topk(10,\n"
        f"  sum by (namespace, pod) ({_ONCE} (rate(container_cpu_usage_seconds_total{{{_USED}}}{RATE_WINDOW})))\n"
        f"  / sum by (namespace, pod) ({_ONCE} (\n"
        f'    kube_pod_container_resource_requests{{{_STATE}, resource="cpu"}}\n  ))\n  {SELECTED}\n)'
    ),
)
CPU_THROTTLED: Final = Signal(
    name="{{namespace}}/{{pod}} {{container}}",
    unit=units.PercentUnit,
    expression=(
        f"topk(10,\n  {_TOTAL} (rate(container_cpu_cfs_throttled_periods_total{{{_USED}}}{RATE_WINDOW}))\n"
        f"  / ({_TOTAL} (rate(container_cpu_cfs_periods_total{{{_USED}}}{RATE_WINDOW})) > 0)\n  {SELECTED}\n)"
    ),
)
MEMORY_USE: Final = Signal(
    name="{{namespace}}/{{pod}} {{container}}",
    unit=units.PercentUnit,
    expression=f"topk(10,\n  {_MEMORY}  {SELECTED}\n)",
)
# For a board without pod variables.
MEMORY_USE_OF_ALL: Final = Signal(
    name="{{namespace}}/{{pod}} {{container}}",
    unit=units.PercentUnit,
    expression=f"topk(10,\n  {_MEMORY})",
)
