"""Checks of a local folder of charts."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from common.problems import Problem
from manifests.charts import RELEASED, STAND_IN, Chart
from settings.fields import is_url

_KEY: Final = "monitoring:charts.source"


def chart_problems(
    source: str, environment: str | None, project: Path, charts: Iterable[Chart] = RELEASED
) -> list[Problem]:
    """What is wrong with a folder of charts; a repository is not asked. An unknown environment may use any chart."""
    if source == "upstream" or is_url(source):
        return []
    if not (project / source).is_dir():
        return [
            Problem(_KEY, f"{source}, which is no folder", "a folder relative to the project with one chart a folder")
        ]
    problems = []
    for chart in charts:
        file = f"{source.rstrip('/')}/{chart.name}/Chart.yaml"
        metadata = _metadata(project / file)
        pinned = f"{chart.name} {chart.version} there"
        if metadata is None:
            problems.append(Problem(_KEY, f"no readable {file}", pinned))
        elif (metadata.get("name"), metadata.get("version")) != (chart.name, chart.version):
            problems.append(Problem(_KEY, f"{metadata.get('name')} {metadata.get('version')} in {file}", pinned))
        elif _is_stand_in(metadata) and environment not in ("local", None):
            problems.append(
                Problem(
                    _KEY, f"a stand-in of {chart.name}, in environment {environment}", "the real chart outside local"
                )
            )
    return problems


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
