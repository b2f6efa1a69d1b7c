"""Registry of the exporters, one row per exporter.

Derived from a row: the Helm release (`manifests/charts.py`), the network flows (`manifests/network/`), the reserved job
name (`settings/services.py`), the absence alert of a disabled exporter (`manifests/alert_overrides.py`), and the
component that `components/exporters.py` deploys. `make exporter` adds a row and all files that belong to it.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Egress:
    """Connections that an exporter opens, except name resolution.

    Attributes:
        purpose: Purpose in a few words, for the table of connections in the documentation.
        api_server: Whether the destination is the API server instead of any address.
        ports: Ports at any address, in addition to those in the stack's settings.
    """

    purpose: str
    api_server: bool = False
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Exporter:
    """One kind of exporter.

    Attributes:
        name: Name, which is also the job of its series and the prefix of its release names.
        chart: Name of the Helm chart; `manifests/charts.py` pins the version.
        setting: Field of StackSettings with its settings.
        ports: Ports of its pod that Prometheus connects to, the metrics port first.
        scraped_for: Purpose of Prometheus's connections, for the table of connections in the documentation.
        enabled_by_default: Whether it runs without a setting; always False for one that runs per server.
        per_server: Whether it runs once per server in the list `setting`, instead of once per stack.
        on_nodes: Whether it runs in the host network of every node, which network policies do not limit.
        absence_alert: Alert on its absence, which is disabled together with the exporter.
        egress: Connections that it opens itself, except to DNS.
    """

    name: str
    chart: str
    setting: str
    ports: tuple[int, ...]
    scraped_for: str = "scrape"
    enabled_by_default: bool = False
    per_server: bool = False
    on_nodes: bool = False
    absence_alert: str | None = None
    egress: Egress | None = None

    @property
    def port(self) -> int:
        """Return the metrics port."""
        return self.ports[0]

    @property
    def key(self) -> str:
        """Return the key in a stack file: `setting` in camelCase."""
        first, *others = self.setting.split("_")
        return first + "".join(map(str.capitalize, others))


NODE_EXPORTER: Final = Exporter(
    name="node-exporter",
    chart="prometheus-node-exporter",
    setting="node_exporter",
    ports=(9100,),
    enabled_by_default=True,
    on_nodes=True,
    absence_alert="NodeExporterAbsent",
)
KUBE_STATE_METRICS: Final = Exporter(
    name="kube-state-metrics",
    chart="kube-state-metrics",
    setting="kube_state_metrics",
    # The state of the cluster's objects, and its own metrics.
    ports=(8080, 8081),
    enabled_by_default=True,
    absence_alert="KubeStateMetricsAbsent",
    egress=Egress(purpose="watch objects", api_server=True),
)
BLACKBOX_EXPORTER: Final = Exporter(
    name="blackbox-exporter",
    chart="prometheus-blackbox-exporter",
    setting="blackbox_exporter",
    ports=(9115,),
    scraped_for="probe; scrape",
    enabled_by_default=True,
    absence_alert="BlackboxExporterAbsent",
    egress=Egress(purpose="run the probes"),
)
POSTGRES_EXPORTER: Final = Exporter(
    name="postgres-exporter",
    chart="prometheus-postgres-exporter",
    setting="postgres",
    ports=(9187,),
    per_server=True,
    egress=Egress(purpose="query the databases"),
)
REDIS_EXPORTER: Final = Exporter(
    name="redis-exporter",
    chart="prometheus-redis-exporter",
    setting="redis",
    ports=(9121,),
    per_server=True,
    egress=Egress(purpose="query the caches"),
)

EXPORTERS: Final = (
    NODE_EXPORTER,
    KUBE_STATE_METRICS,
    BLACKBOX_EXPORTER,
    POSTGRES_EXPORTER,
    REDIS_EXPORTER,
)
