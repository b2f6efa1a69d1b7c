"""Every version that the stack pins, and where a stack gets its charts from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from common.problems import Fault
from settings.fields import is_oci, is_url

_COMMUNITY: Final = "https://prometheus-community.github.io/helm-charts"
_GRAFANA: Final = "https://grafana-community.github.io/helm-charts"

# A chart with this annotation has the name, version and values of the real one, but only the objects that a test needs.
STAND_IN: Final = "monitoring/stand-in"
_KEY: Final = "monitoring:charts.source"


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
NODE_EXPORTER: Final = Chart(name="prometheus-node-exporter", version="4.56.1")
KUBE_STATE_METRICS: Final = Chart(name="kube-state-metrics", version="8.4.0")
BLACKBOX_EXPORTER: Final = Chart(name="prometheus-blackbox-exporter", version="11.17.2")
POSTGRES_EXPORTER: Final = Chart(name="prometheus-postgres-exporter", version="8.2.0", instances="postgres-exporter")
REDIS_EXPORTER: Final = Chart(name="prometheus-redis-exporter", version="6.29.0", instances="redis-exporter")

# What the program releases.
RELEASED: Final = (
    OPERATOR_CRDS,
    OPERATOR,
    NODE_EXPORTER,
    KUBE_STATE_METRICS,
    BLACKBOX_EXPORTER,
    GRAFANA,
    POSTGRES_EXPORTER,
    REDIS_EXPORTER,
)


def resolve(chart: Chart, source: str) -> ChartSource:
    """Where to find a chart, given the stack's `charts.source`."""
    if source == "upstream":
        return ChartSource(chart=chart.name, version=chart.version, repository=chart.repository)
    if is_url(source) and not is_oci(source):
        return ChartSource(chart=chart.name, version=chart.version, repository=source)
    # A folder stays relative: an absolute one would differ, and so change the release, on every machine.
    return ChartSource(chart=f"{source.rstrip('/')}/{chart.name}", version=chart.version)


def chart_faults(
    source: str, environment: str | None, project: Path, charts: Iterable[Chart] = RELEASED
) -> list[Fault]:
    """What is wrong with a folder of charts; a repository is not asked. An unknown environment may use any chart."""
    if source == "upstream" or is_url(source):
        return []
    if not (project / source).is_dir():
        return [
            Fault(_KEY, f"{source}, which is no folder", "a folder relative to the project with one chart a folder")
        ]
    faults = []
    for chart in charts:
        file = f"{source.rstrip('/')}/{chart.name}/Chart.yaml"
        metadata = _metadata(project / file)
        pinned = f"{chart.name} {chart.version} there"
        if metadata is None:
            faults.append(Fault(_KEY, f"no readable {file}", pinned))
        elif (metadata.get("name"), metadata.get("version")) != (chart.name, chart.version):
            faults.append(Fault(_KEY, f"{metadata.get('name')} {metadata.get('version')} in {file}", pinned))
        elif _is_stand_in(metadata) and environment not in ("local", None):
            faults.append(
                Fault(_KEY, f"a stand-in of {chart.name}, in environment {environment}", "the real chart outside local")
            )
    return faults


def stand_ins(source: str, project: Path, charts: Iterable[Chart] = RELEASED) -> list[str]:
    """The names of the charts that are stand-ins: same name, version and values, fewer objects."""
    if source == "upstream" or is_url(source):
        return []
    return [chart.name for chart in charts if _is_stand_in(_metadata(project / source / chart.name / "Chart.yaml"))]


def _metadata(file: Path) -> Mapping[str, Any] | None:
    try:
        content = yaml.safe_load(file.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    return content if isinstance(content, Mapping) else None


def _is_stand_in(metadata: Mapping[str, Any] | None) -> bool:
    return ((metadata or {}).get("annotations") or {}).get(STAND_IN) == "true"
