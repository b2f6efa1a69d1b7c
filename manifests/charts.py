"""Every version that the stack pins, and where a stack gets its charts from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from common.exporters import EXPORTERS, Exporter
from settings.validators import is_oci, is_url

_COMMUNITY: Final = "https://prometheus-community.github.io/helm-charts"
_GRAFANA: Final = "https://grafana-community.github.io/helm-charts"

# A chart with this annotation has the name, version and values of the real one, but only the objects that a test needs.
STAND_IN: Final = "monitoring/stand-in"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A Helm chart: its name, exact version and upstream repository.

    `instances` is what the names of its releases begin with where it has one for each of several instances.
    """

    name: str
    version: str
    repository: str = _COMMUNITY
    instances: str | None = None

    def makes(self, release: str) -> bool:
        """Whether a release of this name is one that the program makes of this chart."""
        return release.startswith(f"{self.instances}-") if self.instances else release == self.name


@dataclass(frozen=True, kw_only=True)
class Image:
    """A container image with its exact version."""

    repository: str
    version: str

    def __str__(self) -> str:
        """Return the image as a pod names it."""
        return f"{self.repository}:{self.version}"


@dataclass(frozen=True, kw_only=True)
class ChartSource:
    """What a Helm release needs to find its chart; no repository where the chart's address says it all."""

    chart: str
    version: str
    repository: str | None = None


# The first two and the images belong together: one operator version, its definitions and what it runs.
OPERATOR_CRDS: Final = Chart(name="prometheus-operator-crds", version="31.0.1")
OPERATOR: Final = Chart(name="kube-prometheus-stack", version="88.5.3")
PROMETHEUS_IMAGE: Final = Image(repository="quay.io/prometheus/prometheus", version="v3.14.0")
ALERTMANAGER_IMAGE: Final = Image(repository="quay.io/prometheus/alertmanager", version="v0.34.0")
# The one that this operator was made with.
THANOS_IMAGE: Final = Image(repository="quay.io/thanos/thanos", version="v0.42.2")
GRAFANA: Final = Chart(name="grafana", version="12.11.1", repository=_GRAFANA)
# One for each row in common/exporters.py.
_EXPORTER_CHARTS: Final = (
    Chart(name="prometheus-node-exporter", version="4.56.1"),
    Chart(name="kube-state-metrics", version="8.4.0"),
    Chart(name="prometheus-blackbox-exporter", version="11.17.2"),
    Chart(name="prometheus-postgres-exporter", version="8.2.0"),
    Chart(name="prometheus-redis-exporter", version="6.29.0"),
)


def exporter_chart(exporter: Exporter, pinned: Sequence[Chart] = _EXPORTER_CHARTS) -> Chart:
    """Return an exporter's chart with the names of its releases; LookupError if no version is pinned."""
    for chart in pinned:
        if chart.name == exporter.chart:
            return replace(chart, instances=exporter.name) if exporter.per_server else chart
    raise LookupError(f"no version of {exporter.chart} is pinned in manifests/charts.py")


def released_charts(
    exporters: Sequence[Exporter] = EXPORTERS, pinned: Sequence[Chart] = _EXPORTER_CHARTS
) -> tuple[Chart, ...]:
    """Return the charts that the program releases, in a fixed order."""
    per_stack = [exporter_chart(exporter, pinned) for exporter in exporters if not exporter.per_server]
    per_server = [exporter_chart(exporter, pinned) for exporter in exporters if exporter.per_server]
    return OPERATOR_CRDS, OPERATOR, *per_stack, GRAFANA, *per_server


RELEASED: Final = released_charts()


def resolve(chart: Chart, source: str) -> ChartSource:
    """Where to find a chart, given the stack's `charts.source`."""
    if source == "upstream":
        return ChartSource(chart=chart.name, version=chart.version, repository=chart.repository)
    if is_url(source) and not is_oci(source):
        return ChartSource(chart=chart.name, version=chart.version, repository=source)
    # A folder stays relative: an absolute one would differ, and so change the release, on every machine.
    return ChartSource(chart=f"{source.rstrip('/')}/{chart.name}", version=chart.version)
