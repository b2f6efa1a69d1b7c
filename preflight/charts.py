"""Checks of the charts of a stack: names, versions, stand-ins and recorded digests."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from common.problems import Problem
from common.yaml_files import InvalidFileError, read_yaml
from manifests import artifacts
from manifests.charts import RELEASED, STAND_IN, Chart
from preflight.chart_archives import ArchiveError, fetch_archives, folder_files
from settings.addresses import is_oci, is_url

_KEY: Final = "monitoring:charts.source"


def chart_problems(
    source: str, environment: str | None, project: Path, charts: Iterable[Chart] = RELEASED
) -> list[Problem]:
    """Return the problems of the charts of a source.

    Stand-in charts are a problem in every environment but `local`; None, an unknown environment, accepts them. Of a
    repository, only the charts with a recorded digest are downloaded; an OCI registry is not checked.
    """
    if is_oci(source):
        return []
    if source == "upstream" or is_url(source):
        return _archive_problems(
            charts if source == "upstream" else [replace(each, repository=source) for each in charts]
        )
    if not (project / source).is_dir():
        allowed = "a folder relative to the project, with one folder per chart"
        return [Problem(_KEY, f"{source}, which is not a folder", allowed)]
    problems = []
    for chart in charts:
        file = f"{source.rstrip('/')}/{chart.name}/Chart.yaml"
        metadata = _read_metadata(project / file)
        pinned = f"{chart.name} {chart.version} in that file"
        if metadata is None:
            problems.append(Problem(_KEY, f"no readable {file}", pinned))
        elif (metadata.get("name"), metadata.get("version")) != (chart.name, chart.version):
            problems.append(Problem(_KEY, f"{metadata.get('name')} {metadata.get('version')} in {file}", pinned))
        elif _is_stand_in(metadata) and environment not in ("local", None):
            problems.append(
                Problem(
                    _KEY,
                    f"a stand-in for {chart.name} in environment {environment}",
                    "the real chart, except in environment local",
                )
            )
        else:
            problems += file_problems(project / source / chart.name, chart)
    return problems


def file_problems(folder: Path, chart: Chart) -> list[Problem]:
    """Return a problem if the files of a chart differ from the recorded digest.

    None for a stand-in, and if no digest is recorded.
    """
    digests = artifacts.recorded().charts.get((chart.name, chart.version))
    if _is_stand_in(_read_metadata(folder / "Chart.yaml")):
        return []
    found = artifacts.files_digest(folder_files(folder)) if digests else None
    if digests is None or found == digests.files:
        return []
    allowed = f"the unchanged files of {chart.name} {chart.version}, {digests.files} in {artifacts.NAME}"
    return [Problem(_KEY, f"files with {found} in the folder of {chart.name}", allowed)]


def _archive_problems(charts: Iterable[Chart]) -> list[Problem]:
    known = artifacts.recorded().charts
    recorded = {chart: digests for chart in charts if (digests := known.get((chart.name, chart.version)))}
    problems = []
    for chart, archive in fetch_archives(recorded):
        expected = recorded[chart].archive
        allowed = f"{chart.name} {chart.version} with {expected}, recorded in {artifacts.NAME}"
        if isinstance(archive, ArchiveError):
            problems.append(Problem(_KEY, f"no archive to compare ({archive})", allowed))
        elif (found := artifacts.digest(archive)) != expected:
            problems.append(Problem(_KEY, f"{found} at {chart.repository}", allowed))
    return problems


def comparison_notes(source: str) -> list[str]:
    """Return what a preview says about charts that it does not compare with their recorded digests."""
    if not is_oci(source) or not any(artifacts.recorded().charts.values()):
        return []
    return ["charts from an OCI registry are not compared with their recorded digests"]


def stand_ins(source: str, project: Path, charts: Iterable[Chart] = RELEASED) -> list[str]:
    """Return the names of the stand-in charts, which have the same name, version and values but fewer objects."""
    if source == "upstream" or is_url(source):
        return []
    return [
        chart.name for chart in charts if _is_stand_in(_read_metadata(project / source / chart.name / "Chart.yaml"))
    ]


def _read_metadata(file: Path) -> Mapping[str, Any] | None:
    try:
        content = read_yaml(file)
    except InvalidFileError:
        return None
    return content if isinstance(content, Mapping) else None


def _is_stand_in(metadata: Mapping[str, Any] | None) -> bool:
    return ((metadata or {}).get("annotations") or {}).get(STAND_IN) == "true"
