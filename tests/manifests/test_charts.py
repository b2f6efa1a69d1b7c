from pathlib import Path

import pytest
import yaml

from common.project import PROJECT
from local.deploy.charts import STAND_INS
from local.tools.toolset import binary
from manifests.charts import GRAFANA, OPERATOR, OPERATOR_CRDS, OPERATOR_VERSION, RELEASED, resolve
from manifests.cluster_objects import CRD_GROUP, CRD_NAMES
from preflight.charts import chart_problems, stand_ins


@pytest.mark.parametrize(
    ("source", "chart", "repository"),
    [
        ("upstream", "grafana", "https://grafana-community.github.io/helm-charts"),
        ("https://mirror.example/charts", "grafana", "https://mirror.example/charts"),
        ("oci://registry.example/charts", "oci://registry.example/charts/grafana", None),
        ("oci://registry.example/charts/", "oci://registry.example/charts/grafana", None),
        (".state/charts", ".state/charts/grafana", None),
    ],
)
def test_a_chart_is_resolved_from_its_source(source: str, chart: str, repository: str | None) -> None:
    found = resolve(GRAFANA, source, "prod")
    assert (found.chart, found.version, found.repository) == (chart, GRAFANA.version, repository)


@pytest.mark.parametrize("source", ["upstream", "https://mirror.example", "oci://registry.example"])
def test_only_a_local_folder_is_checked(source: str) -> None:
    assert chart_problems(source, "prod", PROJECT) == []
    assert stand_ins(source, PROJECT) == []


def test_a_complete_folder_of_real_charts_serves_every_environment(real_charts: str) -> None:
    assert chart_problems(real_charts, "prod", PROJECT) == []
    assert stand_ins(real_charts, PROJECT) == []


def test_a_missing_folder_is_one_problem() -> None:
    (problem,) = chart_problems("no/such/folder", "local", PROJECT)
    assert problem.key == "monitoring:charts.source"
    assert problem.found == "no/such/folder, which is not a folder"


def test_each_missing_wrong_or_broken_chart_is_a_problem(real_charts: str) -> None:
    folder = PROJECT / real_charts
    (folder / OPERATOR_CRDS.name / "Chart.yaml").unlink()
    (folder / OPERATOR.name / "Chart.yaml").write_text("name: kube-prometheus-stack\nversion: 1.0.0\n")
    first, second = chart_problems(real_charts, "local", PROJECT)
    assert first.found == f"no readable {real_charts}/prometheus-operator-crds/Chart.yaml"
    assert first.allowed == "prometheus-operator-crds 31.0.1 in that file"
    assert second.found.startswith("kube-prometheus-stack 1.0.0 in ")
    assert second.allowed == "kube-prometheus-stack 88.5.3 in that file"

    (folder / OPERATOR.name / "Chart.yaml").write_text("{")
    assert chart_problems(real_charts, "local", PROJECT)[1].found.startswith("no readable ")


def test_stand_ins_are_rejected_outside_the_local_environment(stand_in_charts: str) -> None:
    assert chart_problems(stand_in_charts, "local", PROJECT) == []
    assert stand_ins(stand_in_charts, PROJECT) == [chart.name for chart in RELEASED]
    found = [problem.found for problem in chart_problems(stand_in_charts, "prod", PROJECT)]
    assert found == [f"a stand-in for {chart.name} in environment prod" for chart in RELEASED]


def test_only_the_text_true_marks_a_stand_in(real_charts: str) -> None:
    file = Path(PROJECT / real_charts / OPERATOR.name / "Chart.yaml")
    for value, expected in (("true", [OPERATOR.name]), ("false", []), (True, [])):
        metadata = {"name": OPERATOR.name, "version": OPERATOR.version, "annotations": {"monitoring/stand-in": value}}
        file.write_text(yaml.safe_dump(metadata))
        assert stand_ins(real_charts, PROJECT) == expected


def test_the_version_of_the_operator_is_that_of_its_chart() -> None:
    metadata = yaml.safe_load((STAND_INS / OPERATOR.name / "Chart.yaml").read_text())
    assert metadata["appVersion"] == f"v{OPERATOR_VERSION}"


def test_the_named_crds_are_those_of_the_operator() -> None:
    files = binary("prometheus-operator-crds").glob("*.yaml")
    names = sorted(f"{file.stem.partition('_')[2]}.{CRD_GROUP}" for file in files)
    assert names == list(CRD_NAMES)
