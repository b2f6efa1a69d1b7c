"""Charts of the local stack: a given folder, upstream, or stand-ins."""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import yaml

from local.tools.toolset import binary
from manifests import artifacts
from manifests.charts import RELEASED, Chart
from preflight.chart_archives import ArchiveError, fetch_archives, folder_files, unpack
from preflight.charts import file_problems

STAND_INS: Final = Path(__file__).parents[1] / "charts"
UPSTREAM, STAND_IN = "upstream", "stand-in"


class ChartError(Exception):
    """A chart is missing or not valid.

    The message says what was found and what is required.
    """


def recorded_source(target: Path) -> str | None:
    """Return the recorded source of charts: `upstream`, `stand-in`, a path, or None."""
    record = target / "SOURCE"
    return record.read_text().strip() or None if record.exists() else None


def choose_chart_source(target: Path, folder: Path | None = None) -> str:
    """Return the given folder, the recorded source, or what is reachable.

    The first choice is permanent, because a stack must not change with the network.
    """
    if folder is not None:
        return str(folder.resolve())
    reachable = (_reachable(chart) for chart in RELEASED)
    return recorded_source(target) or (UPSTREAM if all(reachable) else STAND_IN)


def provide_charts(target: Path, source: str) -> None:
    """Copy every released chart in its pinned version from a source into `target`.

    Raises:
        ChartError: the folder lacks a chart or has another version, a download failed or is not valid, or a chart
            differs from its recorded digest.
    """
    if source == UPSTREAM == recorded_source(target) and all(
        _is_pinned(target / chart.name, chart) for chart in RELEASED
    ):
        for chart in RELEASED:
            _check_files(target / chart.name, chart, "run `make clean` to download it again")
        return
    if source == UPSTREAM:
        contents = dict(_download(RELEASED))
    else:
        contents = {chart.name: _content(chart, source) for chart in RELEASED}
    for name, files in contents.items():
        _replace(target / name, files)
    (target / "SOURCE").write_text(source + "\n")


def _content(chart: Chart, source: str) -> dict[str, bytes]:
    """Return the files of one chart by their path relative to the folder of the chart."""
    if source == STAND_IN:
        return _stand_in(chart)
    folder = Path(source) / chart.name
    if not _is_pinned(folder, chart):
        raise ChartError(f"{folder}: found {_metadata(folder)}; required: chart {chart.name} {chart.version}")
    _check_files(folder, chart, "use the unpacked archive of its repository")
    return folder_files(folder)


def _check_files(folder: Path, chart: Chart, advice: str) -> None:
    for problem in file_problems(folder, chart):
        raise ChartError(f"{folder}: found {problem.found}; required: {problem.allowed}; {advice}")


def _stand_in(chart: Chart) -> dict[str, bytes]:
    files = folder_files(STAND_INS / chart.name)
    metadata = yaml.safe_load(files["Chart.yaml"])
    files["Chart.yaml"] = yaml.safe_dump(metadata | {"version": chart.version}, sort_keys=False).encode()
    if chart.name == "prometheus-operator-crds":
        for path in sorted(binary("prometheus-operator-crds").iterdir()):
            files[f"charts/crds/definitions/{path.name}"] = path.read_bytes()
    return files


def _replace(target: Path, files: dict[str, bytes]) -> None:
    """Replace the content of a folder atomically, unless it is the same already."""
    if target.exists() and folder_files(target) == files:
        return
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    for name, content in files.items():
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        (part / name).write_bytes(content)
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)


def _metadata(folder: Path) -> str:
    """Return name and version from Chart.yaml, as text for a message."""
    try:
        content = yaml.safe_load((folder / "Chart.yaml").read_text())
        return f"chart {content['name']} {content['version']}"
    except OSError:
        return "no chart"
    except (yaml.YAMLError, TypeError, KeyError, UnicodeDecodeError):
        return "a Chart.yaml without name and version"


def _is_pinned(folder: Path, chart: Chart) -> bool:
    return _metadata(folder) == f"chart {chart.name} {chart.version}"


def _reachable(chart: Chart, timeout: float = 3.0) -> bool:
    request = urllib.request.Request(f"{chart.repository}/index.yaml", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=timeout):
            return True
    except OSError:
        return False


def _download(charts: Iterable[Chart]) -> Iterable[tuple[str, dict[str, bytes]]]:
    """Yield name and files of each chart from its repository."""
    for chart, archive in fetch_archives(charts):
        if isinstance(archive, ArchiveError):
            advice = "pass a folder of charts with CHARTS=, or run `make clean` to choose the source again"
            raise ChartError(f"{archive}; {advice}")
        expected = artifacts.recorded().charts.get((chart.name, chart.version))
        if expected and (found := artifacts.digest(archive)) != expected.archive:
            raise ChartError(
                f"{chart.repository}: found {chart.name} {chart.version} with {found}; required: {expected.archive}, "
                f"recorded in {artifacts.NAME}"
            )
        try:
            yield chart.name, unpack(chart, archive)
        except ArchiveError as error:
            raise ChartError(str(error)) from None
