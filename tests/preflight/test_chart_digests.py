"""Charts that differ from their recorded digests, which are refused before anything changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from common.project import PROJECT
from manifests import artifacts
from manifests.artifacts import ArtifactLock
from manifests.charts import RELEASED, Chart
from preflight.chart_archives import ArchiveError, archive_digests, fetch_archives
from preflight.charts import chart_problems, comparison_notes
from preflight.offline import offline_problems
from tests.chart_repository import Repository


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """A repository whose charts are recorded."""
    (tmp_path / "repository").mkdir()
    repository = Repository(tmp_path / "repository")
    repository.charts = tuple(replace(chart, repository=repository.address) for chart in RELEASED)
    repository.publish(repository.charts)
    lock = ArtifactLock(
        charts={
            (chart.name, chart.version): archive_digests(chart, archive)
            for chart, archive in fetch_archives(repository.charts)
            if isinstance(archive, bytes)
        }
    )
    assert len(lock.charts) == len(RELEASED)
    monkeypatch.setattr(artifacts, "recorded", lambda: lock)
    yield repository
    repository.close()


def found(source: str, charts: tuple[Chart, ...] = RELEASED) -> list[str]:
    return [problem.found for problem in chart_problems(source, "prod", PROJECT, charts)]


def test_the_recorded_archives_of_a_repository_are_accepted(repository: Repository) -> None:
    assert found(repository.address) == []
    assert found("upstream", repository.charts) == []


def test_a_changed_archive_in_a_repository_is_refused(repository: Repository) -> None:
    repository.publish(repository.charts[:1], values="changed: true\n")
    archive = (repository.folder / f"{RELEASED[0].name}-{RELEASED[0].version}.tgz").read_bytes()
    first, *others = found(repository.address)
    assert first == f"{artifacts.digest(archive)} at {repository.address}"
    assert all(text.startswith("no archive to compare (") for text in others)


def test_without_a_recorded_digest_nothing_is_requested(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifacts, "recorded", ArtifactLock)
    repository.close()
    assert found(repository.address) == []


def test_an_oci_registry_is_not_compared_and_the_preview_says_so(repository: Repository) -> None:
    assert found("oci://registry.example/charts") == []
    assert comparison_notes("oci://registry.example/charts") == [
        "charts from an OCI registry are not compared with their recorded digests"
    ]
    assert comparison_notes("upstream") == []


def test_an_unchanged_folder_is_accepted_and_a_changed_file_is_refused(
    repository: Repository, real_charts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = PROJECT / real_charts
    lock = ArtifactLock(
        charts={
            path: replace(
                digests, files=artifacts.files_digest({"Chart.yaml": (folder / path[0] / "Chart.yaml").read_bytes()})
            )
            for path, digests in artifacts.recorded().charts.items()
            if digests
        }
    )
    monkeypatch.setattr(artifacts, "recorded", lambda: lock)
    assert found(real_charts) == []
    (folder / RELEASED[1].name / "templates").mkdir()
    (folder / RELEASED[1].name / "templates" / "added.yaml").write_text("kind: Pod\n")
    (text,) = found(real_charts)
    assert text.startswith("files with sha256:")
    assert text.endswith(f" in the folder of {RELEASED[1].name}")


def test_stand_ins_are_not_compared(repository: Repository, stand_in_charts: str) -> None:
    assert chart_problems(stand_in_charts, "local", PROJECT) == []


def test_an_archive_with_a_file_outside_its_chart_is_refused(repository: Repository) -> None:
    (chart,) = (chart for chart in repository.charts if chart.name == "grafana")
    (archive,) = (archive for each, archive in fetch_archives([chart]) if isinstance(archive, bytes))
    with pytest.raises(ArchiveError, match="a file outside the folder of the chart"):
        archive_digests(replace(chart, name="other"), archive)
    with pytest.raises(ArchiveError, match="cannot be read"):
        archive_digests(chart, archive[:100])


@pytest.mark.usefixtures("cluster_answers")
def test_a_malformed_lock_file_is_a_problem_of_every_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lock.yaml").write_text("charts: {}\nimages: {a: {v1: latest}}\n")
    monkeypatch.setattr(artifacts, "recorded", lambda: artifacts.read_lock(tmp_path / "lock.yaml"))
    keys = [problem.key for problem in offline_problems(PROJECT / "Pulumi.prod.yaml", None, PROJECT)]
    assert "manifests/artifacts.lock.yaml: images.a.v1" in keys
