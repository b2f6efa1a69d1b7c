"""Pinned versions of charts and images, and the sources of charts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from common.exporters import EXPORTERS, Exporter
from settings.addresses import is_oci, is_url

_COMMUNITY: Final = "https://prometheus-community.github.io/helm-charts"
_GRAFANA: Final = "https://grafana-community.github.io/helm-charts"

# Annotation of a stand-in: it has the name, version and values of the real chart, but only the objects that tests need.
STAND_IN: Final = "monitoring/stand-in"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A Helm chart.

    Attributes:
        name: Name of the chart.
        version: Exact version.
        repository: URL of the upstream repository.
        release_prefix: Start of the names of its releases if it has one per server; else its release has its own name.
    """

    name: str
    version: str
    repository: str = _COMMUNITY
    release_prefix: str | None = None

    def has_release(self, release: str) -> bool:
        """Return whether the program creates a release of this name from this chart."""
        return release.startswith(f"{self.release_prefix}-") if self.release_prefix else release == self.name


@dataclass(frozen=True, kw_only=True)
class Image:
    """A container image with its exact version."""

    repository: str
    version: str

    def __str__(self) -> str:
        """Return the image as `repository:version`."""
        return f"{self.repository}:{self.version}"


@dataclass(frozen=True, kw_only=True)
class ChartSource:
    """Source of a chart, as a Helm release names it.

    Attributes:
        chart: Name in the repository, OCI address, or path of a folder.
        version: Exact version.
        repository: URL of the repository; None if `chart` is an address or a path.
    """

    chart: str
    version: str
    repository: str | None = None


# Upgrade the next five together: the operator, its CRDs, and the versions that it supports.
OPERATOR_CRDS: Final = Chart(name="prometheus-operator-crds", version="31.0.1")
OPERATOR: Final = Chart(name="kube-prometheus-stack", version="88.5.3")
OPERATOR_VERSION: Final = "0.93.1"
PROMETHEUS_IMAGE: Final = Image(repository="quay.io/prometheus/prometheus", version="v3.14.0")
ALERTMANAGER_IMAGE: Final = Image(repository="quay.io/prometheus/alertmanager", version="v0.34.0")
# The default version of this operator.
THANOS_IMAGE: Final = Image(repository="quay.io/thanos/thanos", version="v0.42.2")
GRAFANA: Final = Chart(name="grafana", version="12.11.1", repository=_GRAFANA)
# One per row in common/exporters.py.
_EXPORTER_CHARTS: Final = (
    Chart(name="prometheus-node-exporter", version="4.56.1"),
    Chart(name="kube-state-metrics", version="8.4.0"),
    Chart(name="prometheus-blackbox-exporter", version="11.17.2"),
    Chart(name="prometheus-postgres-exporter", version="8.2.0"),
    Chart(name="prometheus-redis-exporter", version="6.29.0"),
)


def exporter_chart(exporter: Exporter, pinned: Sequence[Chart] = _EXPORTER_CHARTS) -> Chart:
    """Return the chart of an exporter, with the release prefix if it runs per server.

    Raises:
        LookupError: If no version of the chart is pinned.
    """
    for chart in pinned:
        if chart.name == exporter.chart:
            return replace(chart, release_prefix=exporter.name) if exporter.per_server else chart
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
    """Return the source of a chart, given the stack's `charts.source`."""
    if source == "upstream":
        return ChartSource(chart=chart.name, version=chart.version, repository=chart.repository)
    if is_url(source) and not is_oci(source):
        return ChartSource(chart=chart.name, version=chart.version, repository=source)
    # A folder stays relative: an absolute path would differ between machines and so change the release.
    return ChartSource(chart=f"{source.rstrip('/')}/{chart.name}", version=chart.version)
