"""Ports of the stack and of what it connects to, each in one place; those of exporters are in `common/exporters.py`.

Numbers of pods, which network policies see, not of Services.
"""

from typing import Final

PROMETHEUS: Final = 9090
ALERTMANAGER: Final = 9093
# Alertmanager's replicas among each other, over TCP and UDP.
ALERTMANAGER_MESH: Final = 9094
# The container next to Prometheus and Alertmanager that has them read a changed configuration.
CONFIG_RELOADER: Final = 8080
OPERATOR: Final = 8080
GRAFANA: Final = 3000
# StoreAPI of the Thanos sidecar, over gRPC.
THANOS: Final = 10901

# The cluster's own.
DNS: Final = 53
CORE_DNS_METRICS: Final = 9153
KUBELET: Final = 10250
# The default of the API server itself; its Service has the port of HTTPS.
API_SERVER: Final = 6443

HTTP: Final = 80
HTTPS: Final = 443
