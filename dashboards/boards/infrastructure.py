"""Whether services, addresses, machines and workloads are there and have room."""

from typing import Final

from dashboards.model import Board, Panel, Row, Variable, View, above, below, states
from dashboards.signals import control_plane, endpoints, nodes, targets, workloads

_ANSWERS: Final = states(bad="down", good="up")

_TARGETS: Final = Row(
    title="Services",
    panels=(
        Panel(
            slug="services-up",
            title="Services",
            description="A service is up as long as one of its targets answers.",
            view=View.STATES,
            signals=(targets.UP,),
            states=_ANSWERS,
            height=10,
        ),
        Panel(
            slug="targets-down",
            title="Targets down",
            description="Share of a service's targets that do not answer.",
            view=View.BARS,
            signals=(targets.DOWN,),
            limits=above(warning="target_down_ratio"),
            highest=1,
            height=10,
        ),
        Panel(
            slug="targets-by-job",
            title="Targets by job",
            description="How many targets discovery finds. A job without a line has none.",
            view=View.TREND,
            signals=(targets.BY_JOB,),
            width=4,
            height=10,
        ),
        Panel(
            slug="scrape-duration",
            title="Duration of scrapes",
            description="The slowest target of each job.",
            view=View.TREND,
            signals=(targets.SCRAPE_DURATION,),
            width=4,
            height=10,
        ),
    ),
)

_ENDPOINTS: Final = Row(
    title="Addresses probed from outside",
    panels=(
        Panel(
            slug="probe-success",
            title="Addresses",
            description="Whether a probed address answers as it should.",
            view=View.STATES,
            signals=(endpoints.SUCCESS,),
            states=_ANSWERS,
        ),
        Panel(
            slug="probe-http-status",
            title="HTTP status",
            description="The status that an address answered with; 0 if it did not answer.",
            view=View.VALUE,
            signals=(endpoints.HTTP_STATUS,),
            limits=above(critical=400),
            decimals=0,
        ),
        Panel(
            slug="probes-running",
            title="Probes",
            description="Whether a probe runs at all. One that does not run tells nothing about its address.",
            view=View.STATES,
            signals=(endpoints.PROBED,),
            states=states(bad="not running", good="running"),
        ),
        Panel(
            slug="probe-duration",
            title="Duration of probes",
            description="From the look-up of the name to the last byte.",
            view=View.TREND,
            signals=(endpoints.DURATION,),
            limits=above(warning="endpoint_slow_seconds"),
        ),
        Panel(
            slug="probe-dns-lookup",
            title="Look-up of names",
            description="How long the name of an address takes to be resolved.",
            view=View.TREND,
            signals=(endpoints.DNS_LOOKUP,),
            limits=above(warning="endpoint_dns_slow_seconds"),
        ),
        Panel(
            slug="uptime-30-days",
            title="Uptime, 30 days",
            description="Share of the probes of the last 30 days that succeeded.",
            view=View.VALUE,
            signals=(endpoints.UPTIME,),
            limits=below(warning="uptime_objective_ratio"),
            decimals=3,
            width=4,
        ),
        Panel(
            slug="certificate-expiry",
            title="Certificates",
            description="How long the earliest certificate of an address is still valid.",
            view=View.VALUE,
            signals=(endpoints.CERTIFICATE_VALIDITY,),
            limits=below(warning="certificate_warning_days", critical="certificate_critical_days"),
            decimals=1,
            width=4,
        ),
    ),
)

_NODES: Final = Row(
    title="Nodes",
    panels=(
        Panel(
            slug="nodes-ready",
            title="Nodes ready",
            description="Nodes that take pods.",
            view=View.VALUE,
            signals=(nodes.READY,),
            width=4,
            height=5,
        ),
        Panel(
            slug="nodes-not-ready",
            title="Nodes not ready",
            description="Nodes that are not ready, or that nobody hears from.",
            view=View.VALUE,
            signals=(nodes.NOT_READY,),
            limits=above(critical=1),
            width=4,
            height=5,
        ),
        Panel(
            slug="node-load",
            title="Load per processor",
            description="Processes that run or wait, over 5 minutes, for each processor. Above 1 some wait.",
            view=View.TREND,
            signals=(nodes.LOAD,),
        ),
        Panel(
            slug="node-cpu",
            title="Processor use",
            description="Share of the time in which a node's processors are not idle.",
            view=View.TREND,
            signals=(nodes.CPU_USE,),
            highest=1,
        ),
        Panel(
            slug="node-memory",
            title="Memory use",
            description="Share of a node's memory that is not available to a new process.",
            view=View.TREND,
            signals=(nodes.MEMORY_USE,),
            highest=1,
        ),
        Panel(
            slug="node-filesystem",
            title="File systems",
            description="Share of each file system in use.",
            view=View.BARS,
            signals=(nodes.FILE_SYSTEM_USE,),
            highest=1,
        ),
        Panel(
            slug="node-disk-busy",
            title="Busy disks",
            description="Share of the time in which a disk has something to do. At 100 % requests wait.",
            view=View.TREND,
            signals=(nodes.DISK_BUSY,),
            highest=1,
        ),
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
            description="Packets per second that an interface could not receive or send.",
            view=View.TREND,
            signals=nodes.NETWORK_ERRORS,
        ),
    ),
)

_WORKLOADS: Final = Row(
    title="Workloads",
    panels=(
        Panel(
            slug="pods-running",
            title="Pods running",
            description="Pods in the phase Running.",
            view=View.VALUE,
            signals=(workloads.PODS_RUNNING,),
            width=4,
        ),
        Panel(
            slug="pods-not-running",
            title="Pods that do not run",
            description="Pods that wait, have failed, or that nobody hears from.",
            view=View.TREND,
            signals=(workloads.PODS_NOT_RUNNING,),
            stacked=True,
        ),
        Panel(
            slug="container-restarts",
            title="Restarts in the last hour, top 10",
            description="Pods whose containers were started again. Empty when none was.",
            view=View.BARS,
            signals=(workloads.RESTARTS,),
            width=12,
        ),
        Panel(
            slug="pod-cpu",
            title="Processors used, top 10",
            description="Processors that a pod uses.",
            view=View.TREND,
            signals=(workloads.CPU_USE,),
        ),
        Panel(
            slug="pod-cpu-throttled",
            title="Throttled pods, top 10",
            description="Share of the periods in which a pod was held back by its processor limit.",
            view=View.TREND,
            signals=(workloads.CPU_THROTTLED,),
            highest=1,
        ),
        Panel(
            slug="pod-memory",
            title="Memory against the limit, top 10",
            description="The container of each pod that is nearest to its limit. At 100 % it is killed.",
            view=View.TREND,
            signals=(workloads.MEMORY_USE,),
            highest=1,
        ),
        Panel(
            slug="deployment-replicas",
            title="Replicas available",
            description="Share of the replicas wanted by a deployment that are available.",
            view=View.BARS,
            signals=(workloads.REPLICAS_AVAILABLE,),
            limits=below(warning=1),
            highest=1,
            width=12,
        ),
        Panel(
            slug="volume-use",
            title="Volumes",
            description="Share of each claimed volume in use.",
            view=View.BARS,
            signals=(workloads.VOLUME_USE,),
            highest=1,
            width=12,
        ),
    ),
)

_CONTROL_PLANE: Final = Row(
    title="Control plane",
    panels=(
        Panel(
            slug="api-server-requests",
            title="Requests to the API server",
            description="Requests per second by status.",
            view=View.TREND,
            signals=(control_plane.REQUESTS,),
            stacked=True,
        ),
        Panel(
            slug="api-server-latency",
            title="Duration of requests, 99th percentile",
            description="How long the API server takes to answer, by verb; without watches, which last by design.",
            view=View.TREND,
            signals=(control_plane.LATENCY,),
        ),
        Panel(
            slug="cluster-dns-responses",
            title="Answers of the cluster's DNS",
            description="Answers per second by result.",
            view=View.TREND,
            signals=(control_plane.DNS,),
            stacked=True,
        ),
    ),
)

BOARD: Final = Board(
    uid="bais-infrastructure",
    title="BAIS Infrastructure",
    description="Whether services, addresses, machines and workloads are there and have room.",
    topic="infrastructure",
    areas=("availability", "infrastructure", "kubernetes"),
    variables=(
        Variable(name="namespace", label="Namespace", query="label_values(kube_namespace_created, namespace)"),
        Variable(name="job", label="Job", query='label_values(up{namespace=~"$namespace"}, job)'),
        Variable(name="node", label="Node", query="label_values(kube_node_info, node)"),
    ),
    rows=(_TARGETS, _ENDPOINTS, _NODES, _WORKLOADS, _CONTROL_PLANE),
    rollouts=True,
)
