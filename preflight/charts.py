"""Checks of a local folder of charts."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from common.problems import Problem
from common.yaml_files import InvalidFileError, read_yaml
from manifests.charts import RELEASED, STAND_IN, Chart
from settings.addresses import is_url

_KEY: Final = "monitoring:charts.source"


def chart_problems(
    source: str, environment: str | None, project: Path, charts: Iterable[Chart] = RELEASED
) -> list[Problem]:
    """Return the problems of a local folder of charts; a repository or registry is not checked.

    Stand-in charts are a problem in every environment but `local`; None, an unknown environment, accepts them.
    """
    if source == "upstream" or is_url(source):
        return []
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
    return problems


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
