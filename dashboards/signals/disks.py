"""Disks of the nodes, without read-only file systems."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal
from dashboards.signals.freshness import or_none
from dashboards.units import DAY, DAYS

_NODE: Final = 'job="node-exporter", node=~"$node"'
_WRITABLE: Final = f"unless node_filesystem_readonly{{{_NODE}}} == 1"

SPACE_FREE: Final = Signal(
    name="{{node}} {{mountpoint}}",
    unit=units.PercentUnit,
    expression=(
        "bottomk(10, max by (node, device, mountpoint) (\n"
        f"  (node_filesystem_avail_bytes{{{_NODE}}} / (node_filesystem_size_bytes{{{_NODE}}} > 0))\n  {_WRITABLE}\n))"
    ),
)
# The days that a bar shows at most.
MOST_DAYS: Final = 90
DAYS_TO_FULL: Final = or_none(
    Signal(
        name="{{node}} {{mountpoint}}",
        unit=DAYS,
        expression=(
            "bottomk(10, max by (node, device, mountpoint) (\n"
            f"  node_filesystem_avail_bytes{{{_NODE}}} / -(deriv(node_filesystem_avail_bytes{{{_NODE}}}[6h]) < 0)\n"
            f"  {_WRITABLE}\n) / {DAY} < {MOST_DAYS})"
        ),
    ),
    "node",
    text=f"none within {MOST_DAYS} days",
    value=MOST_DAYS,
)
LEAST_FREE: Final = Signal(
    name="{{node}}",
    unit=units.PercentUnit,
    expression=(
        "min by (node) (\n"
        f"  (node_filesystem_avail_bytes{{{_NODE}}} / (node_filesystem_size_bytes{{{_NODE}}} > 0))\n  {_WRITABLE}\n)"
    ),
)
INODES_FREE: Final = Signal(
    name="{{node}} {{mountpoint}}",
    unit=units.PercentUnit,
    expression=(
        "bottomk(10, max by (node, device, mountpoint) (\n"
        f"  (node_filesystem_files_free{{{_NODE}}} / (node_filesystem_files{{{_NODE}}} > 0))\n  {_WRITABLE}\n))"
    ),
)
READ_ONLY: Final = Signal(
    name="{{node}} {{mountpoint}}",
    unit=units.Short,
    expression=f"topk(10, max by (node, device, mountpoint) (node_filesystem_readonly{{{_NODE}}}))",
)
QUEUE: Final = Signal(
    name="{{node}} {{device}}",
    unit=units.Short,
    expression=(
        f"topk(10, max by (node, device) (rate(node_disk_io_time_weighted_seconds_total{{{_NODE}}}{RATE_WINDOW})))"
    ),
)
BUSY: Final = Signal(
    name="{{node}} {{device}}",
    unit=units.PercentUnit,
    expression=f"topk(10, max by (node, device) (rate(node_disk_io_time_seconds_total{{{_NODE}}}{RATE_WINDOW})))",
)
