"""Pod selection by namespace, node, workload and name."""

from typing import Final

_STATE: Final = 'job="kube-state-metrics", namespace=~"$namespace"'
# A Deployment's pods are created by a ReplicaSet named after the Deployment, with a hash of these characters.
_CREATOR: Final = '"($workload)(-[b-df-hj-np-tv-xz24-9]+)?"'
_OF_WORKLOAD: Final = f'kube_pod_info{{{_STATE}, node=~"$node", created_by_name=~{_CREATOR}'

# Filter of series by pod to the selected pods.
SELECTED: Final = f'and on (namespace, pod) {_OF_WORKLOAD}, pod=~"$pod"}}'

# Variable query for workload names: a Deployment owns ReplicaSets, the other kinds own pods.
WORKLOADS: Final = (
    'label_values({__name__=~"kube_replicaset_owner|kube_pod_owner", '
    f'{_STATE}, owner_kind=~"Deployment|StatefulSet|DaemonSet"}}, owner_name)'
)

# Variable query for the pods of the selected namespaces, nodes and workloads.
PODS: Final = f"label_values({_OF_WORKLOAD}}}, pod)"
