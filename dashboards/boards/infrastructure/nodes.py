"""The machines."""

from typing import Final

from dashboards.model import ANY, Panel, Row, View, above, below, states
from dashboards.signals import disks, nodes

NODES: Final = Row(
    title="Nodes",
    panels=(
        Panel(
            slug="nodes-ready",
            title="Nodes ready",
            description="Nodes that take pods.",
            view=View.VALUE,
            signals=(nodes.READY,),
            width=4,
        ),
        Panel(
            slug="nodes-up",
            title="Node exporters",
            description="Whether each node's exporter answers. If not, the node itself may be down.",
            view=View.STATES,
            signals=(nodes.EXPORTER_UP,),
            states=states(bad="down", good="up"),
            width=10,
        ),
        Panel(
            slug="node-conditions",
            title="Conditions of nodes",
            description="Nodes that Kubernetes sees as not ready or short of something. Empty when all is well.",
            view=View.TREND,
            signals=(nodes.CONDITIONS,),
            width=10,
        ),
        Panel(
            slug="node-cpu",
            title="Processor use",
            description="Share of the time in which a node's processors work.",
            view=View.TREND,
            signals=(nodes.CPU_USE,),
            limits=above(warning="node_cpu_ratio"),
            highest=1,
        ),
        Panel(
            slug="node-memory",
            title="Memory use",
            description="Share of a node's memory that is not available to a new process.",
            view=View.TREND,
            signals=(nodes.MEMORY_USE,),
            limits=above(warning="node_memory_ratio"),
            highest=1,
        ),
        Panel(
            slug="node-load",
            title="Load per processor",
            description="Processes that run or wait, over 5 minutes, for each processor. Above 1 some wait.",
            view=View.TREND,
            signals=(nodes.LOAD,),
        ),
        Panel(
            slug="node-oom-kills",
            title="Processes killed for lack of memory",
            description="Processes that the kernel killed in the last 15 minutes.",
            view=View.TREND,
            signals=(nodes.OOM_KILLS,),
            limits=above(warning=ANY),
            width=6,
        ),
        Panel(
            slug="node-file-descriptors",
            title="Open files",
            description="Share of the files that a node may have open.",
            view=View.TREND,
            signals=(nodes.FILE_DESCRIPTORS,),
            limits=above(warning="node_file_descriptors_ratio"),
            highest=1,
            width=6,
        ),
        Panel(
            slug="node-clock-offset",
            title="Offset of clocks",
            description="How far a clock is from its source, and its greatest error. At 16 s it has no source.",
            view=View.TREND,
            signals=(nodes.CLOCK_OFFSET, nodes.CLOCK_ERROR),
            limits=above(warning="node_clock_offset_seconds"),
            width=6,
        ),
        Panel(
            slug="node-conntrack",
            title="Tracked connections",
            description="Share of the connections that the firewall can keep track of. Beyond it new ones are refused.",
            view=View.TREND,
            signals=(nodes.TRACKED_CONNECTIONS,),
            limits=above(warning="node_conntrack_ratio"),
            highest=1,
            width=6,
        ),
    ),
)

NETWORK: Final = Row(
    title="Network of the nodes",
    panels=(
        Panel(
            slug="node-network-received",
            title="Received",
            description="Traffic into each node, without that between its own pods.",
            view=View.TREND,
            signals=(nodes.NETWORK_RECEIVED,),
        ),
        Panel(
            slug="node-network-sent",
            title="Sent",
            description="Traffic out of each node, without that between its own pods.",
            view=View.TREND,
            signals=(nodes.NETWORK_SENT,),
        ),
        Panel(
            slug="node-network-errors",
            title="Network errors",
            description="Share of the packets that an interface could not receive or send.",
            view=View.TREND,
            signals=(nodes.NETWORK_ERRORS,),
            limits=above(warning="node_network_error_ratio"),
        ),
    ),
)

DISKS: Final = Row(
    title="Disks of the nodes",
    panels=(
        Panel(
            slug="node-disk-space",
            title="Free space",
            description="Share of each file system that is free; of those that can be written to.",
            view=View.BARS,
            signals=(disks.SPACE_FREE,),
            limits=below(warning="node_disk_warning_ratio", critical="node_disk_critical_ratio"),
            highest=1,
            width=12,
        ),
        Panel(
            slug="node-inodes",
            title="Free file entries",
            description="Share of the files that a file system can still take.",
            view=View.BARS,
            signals=(disks.INODES_FREE,),
            limits=below(warning="node_inodes_ratio"),
            highest=1,
            width=12,
        ),
        Panel(
            slug="node-disk-queue",
            title="Requests waiting for disks",
            description="How many requests wait for each disk on average.",
            view=View.TREND,
            signals=(disks.QUEUE,),
            limits=above(warning="node_disk_queue_length"),
        ),
        Panel(
            slug="node-disk-busy",
            title="Busy disks",
            description="Share of the time in which a disk has something to do.",
            view=View.TREND,
            signals=(disks.BUSY,),
            highest=1,
        ),
        Panel(
            slug="node-filesystems-read-only",
            title="File systems for reading only",
            description="1 for a file system that cannot be written to. A disk that becomes so has failed.",
            view=View.TREND,
            signals=(disks.READ_ONLY,),
        ),
    ),
)
