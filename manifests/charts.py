"""Pinned versions of charts and images, and the sources of charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from common.exporters import EXPORTERS, Exporter
from manifests.artifacts import image_digest
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

    def reference(self, environment: str) -> str:
        """Return the image as a pod of an environment names it: with its digest if that is known."""
        digest = image_digest(self.repository, self.version, environment)
        return f"{self}@{digest}" if digest else str(self)


@dataclass(frozen=True, kw_only=True)
class ChartImage:
    """An image that a chart deploys in its pinned version.

    Attributes:
        chart: Name of the chart.
        image: The image as the chart names it.
        value: Path of the chart value that selects the digest; None if the chart has none.
        form: Content of that value.
    """

    chart: str
    image: Image
    value: str | None
    form: str = "{digest}"


@dataclass(frozen=True, kw_only=True)
class ChartSource:
    """Source of a chart, as a Helm release names it.

    Attributes:
        chart: Name in the repository, OCI address, or path of a folder.
        version: Exact version.
        repository: URL of the repository; None if `chart` is an address or a path.
        values: Values that select the images of the chart by their digests.
    """

    chart: str
    version: str
    repository: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


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

# The images of the charts above: with a new version of a chart, update them from its values and its `appVersion`.
CHART_IMAGES: Final = (
    ChartImage(
        chart=OPERATOR.name,
        image=Image(repository="quay.io/prometheus-operator/prometheus-operator", version=f"v{OPERATOR_VERSION}"),
        value="prometheusOperator.image.sha",
        form="{hexadecimal}",
    ),
    ChartImage(
        chart=OPERATOR.name,
        image=Image(
            repository="quay.io/prometheus-operator/prometheus-config-reloader", version=f"v{OPERATOR_VERSION}"
        ),
        value="prometheusOperator.prometheusConfigReloader.image.sha",
        form="{hexadecimal}",
    ),
    ChartImage(
        chart="prometheus-node-exporter",
        image=Image(repository="quay.io/prometheus/node-exporter", version="v1.12.1"),
        value="image.digest",
    ),
    ChartImage(
        chart="kube-state-metrics",
        image=Image(repository="registry.k8s.io/kube-state-metrics/kube-state-metrics", version="v2.20.0"),
        value="image.sha",
    ),
    ChartImage(
        chart="prometheus-blackbox-exporter",
        image=Image(repository="quay.io/prometheus/blackbox-exporter", version="v0.28.0"),
        value="image.digest",
    ),
    ChartImage(
        chart="prometheus-postgres-exporter",
        image=Image(repository="quay.io/prometheuscommunity/postgres-exporter", version="v0.20.1"),
        value="image.tag",
        form="{version}@{digest}",
    ),
    # Its chart also writes the tag to a label, which cannot hold a digest.
    ChartImage(
        chart="prometheus-redis-exporter",
        image=Image(repository="oliver006/redis_exporter", version="v1.89.0"),
        value=None,
    ),
    ChartImage(
        chart=GRAFANA.name,
        image=Image(repository="docker.io/grafana/grafana", version="13.2.0"),
        value="image.sha",
        form="{hexadecimal}",
    ),
    ChartImage(
        chart=GRAFANA.name,
        image=Image(repository="quay.io/kiwigrid/k8s-sidecar", version="2.10.1"),
        value="sidecar.image.sha",
        form="{hexadecimal}",
    ),
)
# Every image that the program deploys.
IMAGES: Final = (PROMETHEUS_IMAGE, ALERTMANAGER_IMAGE, THANOS_IMAGE, *(each.image for each in CHART_IMAGES))


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


def resolve(chart: Chart, source: str, environment: str) -> ChartSource:
    """Return the source of a chart, given the stack's `charts.source` and its environment."""
    values = image_values(chart, environment)
    if source == "upstream":
        return ChartSource(chart=chart.name, version=chart.version, repository=chart.repository, values=values)
    if is_url(source) and not is_oci(source):
        return ChartSource(chart=chart.name, version=chart.version, repository=source, values=values)
    # A folder stays relative: an absolute path would differ between machines and so change the release.
    return ChartSource(chart=f"{source.rstrip('/')}/{chart.name}", version=chart.version, values=values)


def image_values(chart: Chart, environment: str, images: Sequence[ChartImage] = CHART_IMAGES) -> dict[str, Any]:
    """Return the values that select the images of a chart by their digests, as far as these are known."""
    values: dict[str, Any] = {}
    for each in images:
        digest = image_digest(each.image.repository, each.image.version, environment)
        if each.chart != chart.name or each.value is None or digest is None:
            continue
        *path, key = each.value.split(".")
        parent = values
        for name in path:
            parent = parent.setdefault(name, {})
        parent[key] = each.form.format(
            digest=digest, hexadecimal=digest.removeprefix("sha256:"), version=each.image.version
        )
    return values


def merged(values: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested values with others added at any depth; everything but a mapping is replaced."""
    result = dict(values)
    for key, value in more.items():
        present = result.get(key)
        result[key] = merged(present, value) if isinstance(present, Mapping) and isinstance(value, Mapping) else value
    return result
