"""Which pods a reader chose: by namespace, by the node they run on, by their workload, or by name."""

from typing import Final

_STATE: Final = 'job="kube-state-metrics", namespace=~"$namespace"'
# The creator of a Deployment's pod is a ReplicaSet: its name is the Deployment's, a dash, and some of these characters.
_MADE_BY: Final = '"($workload)(-[b-df-hj-np-tv-xz24-9]+)?"'
_OF_WORKLOAD: Final = f'kube_pod_info{{{_STATE}, node=~"$node", created_by_name=~{_MADE_BY}'

CHOSEN: Final = f'and on (namespace, pod) {_OF_WORKLOAD}, pod=~"$pod"}}'
"""What keeps, of series by pod, those of the chosen ones."""

WORKLOADS: Final = (
    'label_values({__name__=~"kube_replicaset_owner|kube_pod_owner", '
    f'{_STATE}, owner_kind=~"Deployment|StatefulSet|DaemonSet"}}, owner_name)'
)
"""The names of workloads: a Deployment owns ReplicaSets, the others own pods."""

PODS: Final = f"label_values({_OF_WORKLOAD}}}, pod)"
"""The names of the pods of the chosen namespaces, nodes and workloads."""
