"""Keys of chart values, which must exist: these charts do not reject unknown keys.

A summary at the end of the run names the default values that the keys were compared with.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from local.deploy.charts import STAND_INS
from manifests.charts import RELEASED, Chart
from tests.chart_values import STAND_IN_VALUES, ChartValues, chosen_values
from tools.mocked_program import COMPLETE_STACKS, configuration, run_program, with_every_exporter
from tools.stubbed_cluster import stubbed_cluster

RELEASE: Final = "kubernetes:helm.sh/v3:Release"
# Maps that a chart copies to an object without change; Kubernetes or the exporter defines their keys, not the chart.
FREE: Final[Mapping[tuple[str, str], str]] = {
    ("prometheus-operator-crds", "crds.annotations"): "annotations of the definitions",
    ("kube-prometheus-stack", "commonLabels"): "labels of every object",
    ("kube-prometheus-stack", "coreDns.serviceMonitor.selector"): "selector of the Service",
    ("kube-prometheus-stack", "prometheusOperator.resources"): "resources of the container",
    ("kube-prometheus-stack", "prometheusOperator.prometheusConfigReloader.resources"): "resources of the container",
    ("prometheus-node-exporter", "resources"): "resources of the container",
    ("prometheus-node-exporter", "securityContext"): "security context of the pod",
    ("prometheus-node-exporter", "containerSecurityContext"): "security context of the container",
    ("prometheus-node-exporter", "prometheus.monitor.additionalLabels"): "labels of the monitor",
    ("kube-state-metrics", "resources"): "resources of the container",
    ("prometheus-blackbox-exporter", "service.labels"): "labels of the Service",
    ("prometheus-blackbox-exporter", "podSecurityContext"): "security context of the pod",
    ("prometheus-blackbox-exporter", "resources"): "resources of the container",
    ("prometheus-blackbox-exporter", "config.modules"): "the exporter's own configuration",
    ("grafana", "grafana.ini"): "Grafana's own configuration",
    ("grafana", "datasources"): "Grafana's own files, by name",
    ("grafana", "service.labels"): "labels of the Service",
    ("grafana", "securityContext"): "security context of the pod",
    ("grafana", "containerSecurityContext"): "security context of the container",
    ("grafana", "resources"): "resources of the container",
    ("grafana", "sidecar.securityContext"): "security context of the sidecar",
    ("grafana", "sidecar.resources"): "resources of the sidecar",
    ("prometheus-postgres-exporter", "service.labels"): "labels of the Service",
    ("prometheus-postgres-exporter", "podSecurityContext"): "security context of the pod",
    ("prometheus-postgres-exporter", "securityContext"): "security context of the container",
    ("prometheus-postgres-exporter", "resources"): "resources of the container",
    ("prometheus-postgres-exporter", "config.datasource.userSecret"): "name and key, which the default lacks",
    ("prometheus-postgres-exporter", "config.datasource.passwordSecret"): "the same",
    ("prometheus-redis-exporter", "service.labels"): "labels of the Service",
    ("prometheus-redis-exporter", "podSecurityContext"): "security context of the pod",
    ("prometheus-redis-exporter", "securityContext"): "security context of the container",
    ("prometheus-redis-exporter", "resources"): "resources of the container",
    ("prometheus-redis-exporter", "extraArgs"): "the exporter's own flags",
}
# Keys that a chart reads although its default values do not list them; a test below checks its templates.
UNLISTED: Final = {
    ("kube-prometheus-stack", "prometheusOperator.priorityClassName"),
    ("prometheus-node-exporter", "priorityClassName"),
    ("kube-state-metrics", "priorityClassName"),
    ("grafana", "persistence.existingClaim"),
    ("grafana", "priorityClassName"),
    ("prometheus-postgres-exporter", "fullnameOverride"),
    ("prometheus-redis-exporter", "fullnameOverride"),
}


@pytest.fixture(scope="module", params=COMPLETE_STACKS)
def released(request: pytest.FixtureRequest) -> Mapping[str, Mapping[str, Any]]:
    """Return the values of every release of a stack, by chart."""
    with stubbed_cluster():
        done = run_program(with_every_exporter(configuration(request.param, "upstream")))
    return {release.inputs["chart"]: release.inputs["values"] for release in done.of_type(RELEASE)}


@pytest.fixture(params=["chosen", "stand-in"])
def defaults(request: pytest.FixtureRequest) -> ChartValues:
    return chosen_values(request.config.getoption("--charts")) if request.param == "chosen" else STAND_IN_VALUES


def unknown(chart: Chart, given: Mapping[str, Any], known: Any, prefix: str = "") -> Iterator[str]:
    """Yield each key that is not in the default values of the chart."""
    for key, value in given.items():
        path = f"{prefix}{key}"
        if not isinstance(known, Mapping) or key not in known:
            if (chart.name, path) not in UNLISTED:
                yield path
        elif isinstance(value, Mapping) and (chart.name, path) not in FREE:
            yield from unknown(chart, value, known[key], f"{path}.")


@pytest.mark.parametrize("chart", RELEASED, ids=lambda chart: chart.name)
def test_every_key_of_a_release_exists_in_its_chart(
    chart: Chart, released: Mapping[str, Mapping[str, Any]], defaults: ChartValues
) -> None:
    assert list(unknown(chart, released[chart.name], defaults.of(chart))) == [], f"compared with {defaults.description}"


@pytest.mark.parametrize("chart", RELEASED, ids=lambda chart: chart.name)
def test_a_stand_in_has_no_key_that_its_chart_lacks(chart: Chart, pytestconfig: pytest.Config) -> None:
    chosen = chosen_values(pytestconfig.getoption("--charts"))
    found = list(unknown(chart, STAND_IN_VALUES.of(chart), chosen.of(chart)))
    assert found == [], f"compared with {chosen.description}"


@pytest.mark.parametrize(("chart", "key"), sorted(UNLISTED))
def test_an_unlisted_key_is_read_by_the_templates(chart: str, key: str, pytestconfig: pytest.Config) -> None:
    given = pytestconfig.getoption("--charts")
    for folder in (STAND_INS, *([Path(given)] if given else [])):
        templates = [path for path in (folder / chart / "templates").rglob("*") if path.is_file()]
        # Inside a `with`, a template has only the last part of the key.
        assert any(f".{key.rpartition('.')[2]}" in template.read_text() for template in templates), folder


def test_an_unknown_key_is_found() -> None:
    (chart,) = (chart for chart in RELEASED if chart.name == "kube-state-metrics")
    known = {"resources": {}, "prometheus": {"monitor": {"enabled": False}}}
    given = {"resources": {"requests": {}}, "prometheus": {"monitors": {"enabled": True}}, "replicas": 2}
    assert list(unknown(chart, given, known)) == ["prometheus.monitors", "replicas"]


def below(given: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value at any depth with its path."""
    for key, value in given.items():
        yield f"{prefix}{key}", value
        if isinstance(value, Mapping):
            yield from below(value, f"{prefix}{key}.")


def test_every_free_map_is_set_by_a_release(released: Mapping[str, Mapping[str, Any]]) -> None:
    for chart, path in FREE:
        assert isinstance(dict(below(released[chart]))[path], Mapping)


def test_every_unlisted_key_is_set_by_a_release(released: Mapping[str, Mapping[str, Any]]) -> None:
    assert [(chart, path) for chart, path in UNLISTED if path not in dict(below(released[chart]))] == []
