"""Nodes: usage, saturation and errors. `node` is the Kubernetes node name."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal
from dashboards.signals.freshness import or_none

_NODE: Final = 'job="node-exporter", node=~"$node"'
# Without virtual interfaces.
_NETWORK: Final = f'{_NODE}, device!~"lo|veth.*|cali.*|cni.*|lxc.*"'
_STATE: Final = 'job="kube-state-metrics", node=~"$node"'

_READY: Final = f'max by (node) (kube_node_status_condition{{{_STATE}, condition="Ready", status="true"}})'

# All nodes that the cluster knows, including those that report nothing themselves.
READY: Final = Signal(name="ready", unit=units.BoolYesNo, expression=_READY)
READY_OF_TOTAL: Final = (
    Signal(name="not ready", unit=units.Short, expression=f"count({_READY}) - sum({_READY})"),
    Signal(name="ready", unit=units.Short, expression=f"sum({_READY})"),
    Signal(name="of total", unit=units.Short, expression=f"count({_READY})"),
)
EXPORTER_UP: Final = Signal(name="{{node}}", unit=units.NoUnit, expression=f"max by (node) (up{{{_NODE}}})")
FAILED_COLLECTORS: Final = or_none(
    Signal(
        name="{{node}} {{collector}}",
        unit=units.Short,
        expression=(
            "1 - max by (node, collector) (\n  node_scrape_collector_success{\n"
            f'    {_NODE}, collector=~"cpu|diskstats|filefd|filesystem|meminfo|netdev|timex|vmstat"\n  }}\n) > 0'
        ),
    ),
    "node",
)
CORDONED: Final = or_none(
    Signal(
        name="{{node}}",
        unit=units.Short,
        expression=f"max by (node) (kube_node_spec_unschedulable{{{_STATE}}}) > 0",
    ),
    "node",
)
CONDITIONS: Final = or_none(
    Signal(
        name="{{node}} {{condition}} {{status}}",
        unit=units.Short,
        expression=(
            "max by (node, condition, status) (\n"
            f'  kube_node_status_condition{{{_STATE}, condition="Ready", status!="true"}}\n'
            f'  or kube_node_status_condition{{{_STATE}, condition!="Ready", status="true"}}\n) > 0'
        ),
    ),
    "node",
)
# Divided by the time of all modes, because at the end of a series all rates fall alike.
CPU_USE: Final = Signal(
    name="{{node}}",
    unit=units.PercentUnit,
    expression=(
        f'1 - sum by (node) (rate(node_cpu_seconds_total{{{_NODE}, mode=~"idle|iowait"}}{RATE_WINDOW}))\n'
        f"/ sum by (node) (rate(node_cpu_seconds_total{{{_NODE}}}{RATE_WINDOW}))"
    ),
)
LOAD: Final = Signal(
    name="{{node}}",
    unit=units.NoUnit,
    expression=(
        f'max by (node) (node_load5{{{_NODE}}})\n/ count by (node) (node_cpu_seconds_total{{{_NODE}, mode="idle"}})'
    ),
)
MEMORY_USE: Final = Signal(
    name="{{node}}",
    unit=units.PercentUnit,
    expression=(
        f"max by (node) (\n  1 - node_memory_MemAvailable_bytes{{{_NODE}}}\n"
        f"  / (node_memory_MemTotal_bytes{{{_NODE}}} - (\n"
        f"    node_memory_HugePages_Total{{{_NODE}}} * node_memory_Hugepagesize_bytes{{{_NODE}}}\n"
        f"    or 0 * node_memory_MemTotal_bytes{{{_NODE}}}\n  ))\n)"
    ),
)
OOM_KILLS: Final = Signal(
    name="{{node}}",
    unit=units.Short,
    expression=f"sum by (node) (increase(node_vmstat_oom_kill{{{_NODE}}}[15m]))",
)
FILE_DESCRIPTORS: Final = Signal(
    name="{{node}}",
    unit=units.PercentUnit,
    expression=f"max by (node) (node_filefd_allocated{{{_NODE}}} / (node_filefd_maximum{{{_NODE}}} > 0))",
)
CLOCK_OFFSET: Final = Signal(
    name="{{node}}",
    unit=units.Seconds,
    expression=f"max by (node) (abs(node_timex_offset_seconds{{{_NODE}}}))",
)
CLOCK_ERROR: Final = Signal(
    name="{{node}} maximum error",
    unit=units.Seconds,
    expression=f"max by (node) (node_timex_maxerror_seconds{{{_NODE}}})",
)
TRACKED_CONNECTIONS: Final = Signal(
    name="{{node}}",
    unit=units.PercentUnit,
    expression=(
        f"max by (node) (\n  node_nf_conntrack_entries{{{_NODE}}} / (node_nf_conntrack_entries_limit{{{_NODE}}} > 0)\n)"
    ),
)
NETWORK_RECEIVED: Final = Signal(
    name="{{node}}",
    unit=units.BytesPerSecondIEC,
    expression=f"sum by (node) (rate(node_network_receive_bytes_total{{{_NETWORK}}}{RATE_WINDOW}))",
)
NETWORK_SENT: Final = Signal(
    name="{{node}}",
    unit=units.BytesPerSecondIEC,
    expression=f"sum by (node) (rate(node_network_transmit_bytes_total{{{_NETWORK}}}{RATE_WINDOW}))",
)
NETWORK_ERRORS: Final = Signal(
    name="{{node}} {{device}}",
    unit=units.PercentUnit,
    expression=(
        "topk(10, max by (node, device) (\n"
        f"  (rate(node_network_receive_errs_total{{{_NODE}}}{RATE_WINDOW})"
        f" + rate(node_network_transmit_errs_total{{{_NODE}}}{RATE_WINDOW}))\n"
        f"  / (rate(node_network_receive_packets_total{{{_NODE}}}{RATE_WINDOW})"
        f" + rate(node_network_transmit_packets_total{{{_NODE}}}{RATE_WINDOW}) > 0)\n))"
    ),
)
