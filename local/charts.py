"""Fills the chart folder of the local stack: a folder given by hand, the upstream charts, or stand-ins for them."""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

import yaml

from components.charts import RELEASED, Chart
from local.tools import binary

STAND_INS = Path(__file__).parent / "charts"


class ChartError(Exception):
    """A chart cannot be had: which, what was found, what is wanted."""


def provide_charts(target: Path, given: Path | None = None, report: Callable[[str], None] = lambda _: None) -> str:
    """Fill `target` with every chart in its pinned version and return where they come from.

    The choice made at the first time stays: a stack must not change because a network came or went.
    `given`, a folder of chart folders, always wins.

    Raises:
        ChartError: a given folder lacks a chart or has another version of it, or a download is not what it should be.
    """
    record = target / "SOURCE"
    before = record.read_text().strip() if record.exists() else ""
    if given is not None:
        source = str(given.resolve())
    elif before in ("upstream", "stand-in"):
        source = before
    else:
        source = "upstream" if all(_reachable(chart) for chart in RELEASED) else "stand-in"
    if source != "upstream" or any(not _is_pinned(target, chart) for chart in RELEASED):
        if source != before:
            report(f"charts: {source}")
        for chart in RELEASED:
            _replace(target / chart.name, _content(chart, source))
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(source + "\n")
    return source


def _content(chart: Chart, source: str) -> dict[str, bytes]:
    """The files of one chart by their path inside its folder."""
    if source == "upstream":
        return _download(chart)
    if source == "stand-in":
        return _stand_in(chart)
    folder = Path(source) / chart.name
    if not _is_pinned(Path(source), chart):
        found = _version(folder) or "no chart"
        raise ChartError(f"{folder}: found {found}; wanted: chart {chart.name} {chart.version}")
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _stand_in(chart: Chart) -> dict[str, bytes]:
    folder = STAND_INS / chart.name
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    metadata = yaml.safe_load(files["Chart.yaml"])
    files["Chart.yaml"] = yaml.safe_dump(metadata | {"version": chart.version}, sort_keys=False).encode()
    if chart.name == "prometheus-operator-crds":
        for path in sorted(binary("prometheus-operator-crds").glob("*.yaml")):
            files[f"charts/crds/definitions/{path.name}"] = path.read_bytes()
    return files


def _replace(target: Path, files: dict[str, bytes]) -> None:
    """Make a folder hold exactly these files; one that does already is left alone."""
    if target.exists():
        there = {str(path.relative_to(target)): path.read_bytes() for path in target.rglob("*") if path.is_file()}
        if there == files:
            return
        shutil.rmtree(target)
    for name, content in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)


def _version(folder: Path) -> str | None:
    path = folder / "Chart.yaml"
    return str(yaml.safe_load(path.read_text())["version"]) if path.exists() else None


def _is_pinned(folder: Path, chart: Chart) -> bool:
    return _version(folder / chart.name) == chart.version


def _reachable(chart: Chart, timeout: float = 3.0) -> bool:
    request = urllib.request.Request(f"{chart.repository}/index.yaml", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=timeout):
            return True
    except OSError:
        return False


def _download(chart: Chart) -> dict[str, bytes]:
    """Fetch a chart the way Helm does: the repository's index names the archive and its digest."""
    with urllib.request.urlopen(f"{chart.repository}/index.yaml", timeout=60) as answer:
        index = yaml.load(answer.read(), Loader=yaml.CSafeLoader)
    entries = [entry for entry in index["entries"].get(chart.name, []) if str(entry["version"]) == chart.version]
    if not entries:
        raise ChartError(f"{chart.repository}: no chart {chart.name} {chart.version} in its index")
    address = urllib.parse.urljoin(f"{chart.repository}/", entries[0]["urls"][0])
    with urllib.request.urlopen(address, timeout=120) as answer:
        archive = answer.read()
    digest = hashlib.sha256(archive).hexdigest()
    if digest != entries[0].get("digest", digest):
        raise ChartError(f"{address}: digest {digest}; wanted: {entries[0]['digest']}")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {
            member.name.removeprefix(f"{chart.name}/"): file.read()
            for member in tar.getmembers()
            if member.isfile() and (file := tar.extractfile(member))
        }
