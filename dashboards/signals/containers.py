"""What containers use, of the pods that a reader chose.

Several series may tell of one container, hence `max by` before a sum.
"""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import WINDOW, Signal
from dashboards.signals.pods import CHOSEN

# Without a container's name, a series is that of the pod as a whole: it would count everything twice.
_USED: Final = 'job="kubelet", namespace=~"$namespace", container!=""'
_STATE: Final = 'job="kube-state-metrics", namespace=~"$namespace"'
_ONCE: Final = "max by (namespace, pod, container)"
_TOTAL: Final = "sum by (namespace, pod, container)"

_MEMORY: Final = (
    f"{_ONCE} (container_memory_working_set_bytes{{{_USED}}})\n"
    f'  / ({_ONCE} (kube_pod_container_resource_limits{{{_STATE}, resource="memory"}}) > 0)\n'
)

RESTARTS: Final = Signal(
    name="{{namespace}}/{{pod}}",
    unit=units.Short,
    expression=(
        f"topk(10, sum by (namespace, pod) ({_ONCE} (\n"
        f"  increase(kube_pod_container_status_restarts_total{{{_STATE}}}[1h])\n)) > 0\n  {CHOSEN}\n)"
    ),
)
CPU_USE: Final = Signal(
    name="{{namespace}}/{{pod}}",
    unit=units.Short,
    expression=(
        f"topk(10, sum by (namespace, pod) ({_ONCE} (\n"
        f"  rate(container_cpu_usage_seconds_total{{{_USED}}}{WINDOW})\n))\n  {CHOSEN}\n)"
    ),
)
CPU_OF_REQUEST: Final = Signal(
    name="{{namespace}}/{{pod}}",
    unit=units.PercentUnit,
    expression=(
        "topk(10,\n"
        f"  sum by (namespace, pod) ({_ONCE} (rate(container_cpu_usage_seconds_total{{{_USED}}}{WINDOW})))\n"
        f"  / sum by (namespace, pod) ({_ONCE} (\n"
        f'    kube_pod_container_resource_requests{{{_STATE}, resource="cpu"}}\n  ))\n  {CHOSEN}\n)'
    ),
)
CPU_THROTTLED: Final = Signal(
    name="{{namespace}}/{{pod}} {{container}}",
    unit=units.PercentUnit,
    expression=(
        f"topk(10,\n  {_TOTAL} (rate(container_cpu_cfs_throttled_periods_total{{{_USED}}}{WINDOW}))\n"
        f"  / ({_TOTAL} (rate(container_cpu_cfs_periods_total{{{_USED}}}{WINDOW})) > 0)\n  {CHOSEN}\n)"
    ),
)
MEMORY_USE: Final = Signal(
    name="{{namespace}}/{{pod}} {{container}}",
    unit=units.PercentUnit,
    expression=f"topk(10,\n  {_MEMORY}  {CHOSEN}\n)",
)
# For a board on which nobody chooses pods.
MEMORY_USE_OF_ALL: Final = Signal(
    name="{{namespace}}/{{pod}} {{container}}",
    unit=units.PercentUnit,
    expression=f"topk(10,\n  {_MEMORY})",
)
