"""Infrastructure dashboard: targets, probes, nodes, workloads and the control plane."""

from typing import Final

from dashboards.boards.infrastructure.control_plane import CONTROL_PLANE
from dashboards.boards.infrastructure.nodes import DISKS, EACH_NODE, NETWORK, NODE_DETAILS, NODES
from dashboards.boards.infrastructure.services import ENDPOINTS, TARGETS
from dashboards.boards.infrastructure.workloads import EACH_NAMESPACE, PODS, VOLUMES, WORKLOADS
from dashboards.model import Board, Variable
from dashboards.signals import pods

BOARD: Final = Board(
    uid="bais-infrastructure",
    title="BAIS Infrastructure",
    description="Availability and capacity of scrape targets, probed addresses, nodes and workloads.",
    topic="infrastructure",
    areas=("availability", "infrastructure", "kubernetes"),
    variables=(
        Variable(name="namespace", label="Namespace", query="label_values(kube_namespace_created, namespace)"),
        Variable(name="job", label="Job", query='label_values(up{namespace=~"$namespace"}, job)'),
        Variable(name="node", label="Node", query="label_values(kube_node_info, node)"),
        Variable(name="workload", label="Workload", query=pods.WORKLOADS),
        Variable(name="pod", label="Pod", query=pods.PODS),
    ),
    rows=(
        TARGETS,
        ENDPOINTS,
        NODES,
        NODE_DETAILS,
        NETWORK,
        DISKS,
        PODS,
        WORKLOADS,
        VOLUMES,
        CONTROL_PLANE,
        EACH_NODE,
        EACH_NAMESPACE,
    ),
    rollouts=True,
)
