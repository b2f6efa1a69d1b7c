"""Ports of the stack and of its destinations, except the exporters' ports in `common/exporters.py`.

These are ports of pods, to which network policies apply, not of Services.
"""

from typing import Final

PROMETHEUS: Final = 9090
ALERTMANAGER: Final = 9093
# The gossip between Alertmanager's replicas, over TCP and UDP.
ALERTMANAGER_MESH: Final = 9094
# The sidecar that reloads the configuration of Prometheus and Alertmanager.
CONFIG_RELOADER: Final = 8080
OPERATOR: Final = 8080
GRAFANA: Final = 3000
# StoreAPI of the Thanos sidecar, over gRPC.
THANOS: Final = 10901
# Metrics of the Thanos sidecar.
THANOS_METRICS: Final = 10902

# Components of the cluster.
DNS: Final = 53
CORE_DNS_METRICS: Final = 9153
KUBELET: Final = 10250
# The default of the API server itself; its Service uses the HTTPS port.
API_SERVER: Final = 6443

HTTP: Final = 80
HTTPS: Final = 443
