"""Source of the charts of the local stack.

The upstream repository is an HTTP server on loopback.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import local.deploy.charts
from local.deploy.charts import (
    STAND_IN,
    STAND_INS,
    UPSTREAM,
    ChartError,
    choose_chart_source,
    provide_charts,
    recorded_source,
)
from manifests import artifacts
from manifests.artifacts import ArtifactLock
from manifests.charts import RELEASED
from preflight.chart_archives import archive_digests, fetch_archives
from preflight.charts import stand_ins
from tests.chart_repository import Repository


@pytest.fixture(autouse=True)
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local.deploy.charts, "_reachable", lambda _: False)


def fill(target: Path, given: Path | None = None) -> str:
    """Choose the source and provide the charts, as `make up` does."""
    source = choose_chart_source(target, given)
    provide_charts(target, source)
    return source


def write_chart(folder: Path, name: str, version: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "Chart.yaml").write_text(yaml.safe_dump({"name": name, "version": version}))
    (folder / name / "values.yaml").write_text("given: true\n")


def test_there_is_exactly_one_stand_in_per_released_chart() -> None:
    assert {path.parent.name for path in STAND_INS.glob("*/Chart.yaml")} == {chart.name for chart in RELEASED}


def test_without_a_network_stand_ins_in_the_pinned_versions_are_used(tmp_path: Path) -> None:
    assert fill(tmp_path / "charts") == STAND_IN
    assert stand_ins("charts", tmp_path) == [chart.name for chart in RELEASED]
    for chart in RELEASED:
        metadata = yaml.safe_load((tmp_path / "charts" / chart.name / "Chart.yaml").read_text())
        assert (metadata["name"], metadata["version"]) == (chart.name, chart.version)


def test_the_stand_in_contains_the_ten_crds_of_the_operator(tmp_path: Path) -> None:
    fill(tmp_path / "charts")
    files = sorted((tmp_path / "charts" / "prometheus-operator-crds" / "charts" / "crds" / "definitions").iterdir())
    assert len(files) == 10
    assert all("\nkind: CustomResourceDefinition\n" in file.read_text() for file in files)


def test_a_second_run_changes_no_file(tmp_path: Path) -> None:
    fill(tmp_path / "charts")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "charts").rglob("*") if path.name != "SOURCE"}
    fill(tmp_path / "charts")
    assert before == {
        path: path.stat().st_mtime_ns for path in (tmp_path / "charts").rglob("*") if path.name != "SOURCE"
    }


def test_a_given_folder_has_precedence(tmp_path: Path) -> None:
    for chart in RELEASED:
        write_chart(tmp_path / "given", chart.name, chart.version)
    fill(tmp_path / "charts")
    fill(tmp_path / "charts", tmp_path / "given")
    assert stand_ins("charts", tmp_path) == []
    assert (tmp_path / "charts" / RELEASED[0].name / "values.yaml").read_text() == "given: true\n"


def test_a_given_folder_stays_the_source_until_another_is_given(tmp_path: Path) -> None:
    for chart in RELEASED:
        write_chart(tmp_path / "given", chart.name, chart.version)
    fill(tmp_path / "charts", tmp_path / "given")
    assert fill(tmp_path / "charts") == recorded_source(tmp_path / "charts") == str(tmp_path / "given")


def test_an_invalid_folder_leaves_the_charts_unchanged(tmp_path: Path) -> None:
    fill(tmp_path / "charts")
    (tmp_path / "given").mkdir()
    with pytest.raises(ChartError):
        fill(tmp_path / "charts", tmp_path / "given")
    assert recorded_source(tmp_path / "charts") == STAND_IN
    assert stand_ins("charts", tmp_path) == [chart.name for chart in RELEASED]


@pytest.mark.parametrize("content", ["name: [", "text", "{version: 1.0.0}"])
def test_a_given_folder_with_a_damaged_chart_is_rejected(tmp_path: Path, content: str) -> None:
    for chart in RELEASED:
        write_chart(tmp_path / "given", chart.name, chart.version)
    (tmp_path / "given" / RELEASED[0].name / "Chart.yaml").write_text(content)
    with pytest.raises(ChartError, match=r"found a Chart\.yaml without name and version; required"):
        fill(tmp_path / "charts", tmp_path / "given")


def test_a_given_folder_with_another_version_is_rejected(tmp_path: Path) -> None:
    for chart in RELEASED:
        write_chart(tmp_path / "given", chart.name, "0.0.1")
    with pytest.raises(
        ChartError,
        match=rf"found chart {RELEASED[0].name} 0\.0\.1; required: chart {RELEASED[0].name} {RELEASED[0].version}",
    ):
        fill(tmp_path / "charts", tmp_path / "given")


def test_a_given_folder_without_a_chart_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    with pytest.raises(ChartError, match="found no chart; required"):
        fill(tmp_path / "charts", tmp_path / "given")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    monkeypatch.undo()  # reachable: on loopback
    (tmp_path / "repository").mkdir()
    repository = Repository(tmp_path / "repository")
    repository.charts = tuple(dataclasses.replace(chart, repository=repository.address) for chart in RELEASED)
    monkeypatch.setattr(local.deploy.charts, "RELEASED", repository.charts)
    repository.publish(repository.charts)
    yield repository
    repository.close()


def test_the_real_charts_are_downloaded_if_the_upstream_repositories_are_reachable(
    repository: Repository, tmp_path: Path
) -> None:
    assert fill(tmp_path / "charts") == UPSTREAM
    assert stand_ins("charts", tmp_path) == []
    assert all((tmp_path / "charts" / chart.name / "Chart.yaml").exists() for chart in RELEASED)


def test_the_first_choice_of_source_does_not_change_with_the_network(repository: Repository, tmp_path: Path) -> None:
    fill(tmp_path / "charts")
    repository.server.shutdown()
    assert fill(tmp_path / "charts") == UPSTREAM


def test_the_error_of_an_unreachable_archive_says_what_to_do(repository: Repository, tmp_path: Path) -> None:
    for archive in repository.folder.glob("*.tgz"):
        archive.unlink()
    with pytest.raises(ChartError, match=r"404.*pass a folder of charts with CHARTS="):
        fill(tmp_path / "charts")


def test_an_archive_with_another_digest_is_rejected(repository: Repository, tmp_path: Path) -> None:
    repository.publish(repository.charts, digest="0" * 64)
    with pytest.raises(ChartError, match=f"required: sha256:{'0' * 64}"):
        fill(tmp_path / "charts")


def test_a_version_that_is_not_in_the_repository_is_an_error(repository: Repository, tmp_path: Path) -> None:
    repository.publish(())
    with pytest.raises(ChartError, match=f"no chart {RELEASED[0].name} {RELEASED[0].version} in the index"):
        fill(tmp_path / "charts")


@pytest.fixture
def recorded_charts(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """The digests of the charts in the repository are recorded."""
    lock = ArtifactLock(
        charts={
            (chart.name, chart.version): archive_digests(chart, archive)
            for chart, archive in fetch_archives(repository.charts)
            if isinstance(archive, bytes)
        }
    )
    monkeypatch.setattr(artifacts, "recorded", lambda: lock)


@pytest.mark.usefixtures("recorded_charts")
def test_a_changed_archive_is_refused_before_any_chart_changes(repository: Repository, tmp_path: Path) -> None:
    repository.publish(repository.charts, values="changed: true\n")
    with pytest.raises(ChartError, match=r"found prometheus-operator-crds .* with sha256:.*; required: sha256:"):
        fill(tmp_path / "charts")
    assert not (tmp_path / "charts").exists()


@pytest.mark.usefixtures("recorded_charts")
def test_a_changed_file_of_a_downloaded_chart_is_refused(repository: Repository, tmp_path: Path) -> None:
    fill(tmp_path / "charts")
    (tmp_path / "charts" / RELEASED[1].name / "values.yaml").write_text("changed: true\n")
    with pytest.raises(ChartError, match=rf"{RELEASED[1].name}: found files with sha256:.*; run `make clean`"):
        fill(tmp_path / "charts")


@pytest.mark.usefixtures("recorded_charts")
def test_a_given_folder_with_a_changed_chart_is_refused(repository: Repository, tmp_path: Path) -> None:
    fill(tmp_path / "given")
    fill(tmp_path / "charts", tmp_path / "given")
    (tmp_path / "given" / RELEASED[1].name / "values.yaml").write_text("changed: true\n")
    with pytest.raises(ChartError, match=r"found files with sha256:.*; use the unpacked archive of its repository"):
        fill(tmp_path / "charts", tmp_path / "given")
    assert (tmp_path / "charts" / RELEASED[1].name / "values.yaml").read_text() == ""
