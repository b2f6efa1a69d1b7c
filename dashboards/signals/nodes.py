"""The machines: what is used, what is saturated, what fails."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import WINDOW, Signal

_NODE: Final = 'node=~"$node"'
# File systems that hold no data of their own, and interfaces that are not the machine's.
_FILES: Final = f'{_NODE}, fstype!~"tmpfs|overlay|squashfs|ramfs"'
_NETWORK: Final = f'{_NODE}, device!~"lo|veth.*|cali.*|cni.*|lxc.*"'

READY: Final = Signal(
    name="ready",
    unit=units.Short,
    expression='sum(max by (node) (kube_node_status_condition{condition="Ready", status="true"}))',
)
NOT_READY: Final = Signal(
    name="not ready",
    unit=units.Short,
    expression='sum(max by (node) (kube_node_status_condition{condition="Ready", status!="true"}))',
)
CPU_USE: Final = Signal(
    name="{{node}}",
    unit=units.PercentUnit,
    expression=f'1 - avg by (node) (rate(node_cpu_seconds_total{{{_NODE}, mode="idle"}}{WINDOW}))',
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
    expression=f"max by (node) (1 - node_memory_MemAvailable_bytes{{{_NODE}}} / node_memory_MemTotal_bytes{{{_NODE}}})",
)
FILE_SYSTEM_USE: Final = Signal(
    name="{{node}} {{mountpoint}}",
    unit=units.PercentUnit,
    expression=(
        "max by (node, mountpoint) (\n"
        f"  1 - node_filesystem_avail_bytes{{{_FILES}}} / (node_filesystem_size_bytes{{{_FILES}}} > 0)\n)"
    ),
)
DISK_BUSY: Final = Signal(
    name="{{node}} {{device}}",
    unit=units.PercentUnit,
    expression=f"max by (node, device) (rate(node_disk_io_time_seconds_total{{{_NODE}}}{WINDOW}))",
)
NETWORK_RECEIVED: Final = Signal(
    name="{{node}}",
    unit=units.BytesPerSecondIEC,
    expression=f"sum by (node) (rate(node_network_receive_bytes_total{{{_NETWORK}}}{WINDOW}))",
)
NETWORK_SENT: Final = Signal(
    name="{{node}}",
    unit=units.BytesPerSecondIEC,
    expression=f"sum by (node) (rate(node_network_transmit_bytes_total{{{_NETWORK}}}{WINDOW}))",
)
NETWORK_ERRORS: Final = tuple(
    Signal(
        name=f"{{{{node}}}} {{{{device}}}} {direction}",
        unit=units.CountsPerSecond,
        expression=f"sum by (node, device) (rate(node_network_{metric}_errs_total{{{_NETWORK}}}{WINDOW}))",
    )
    for direction, metric in (("received", "receive"), ("sent", "transmit"))
)
