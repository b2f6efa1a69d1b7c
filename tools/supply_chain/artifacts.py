"""The lock file of charts and images: filled from repositories and registries, never overwritten."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import yaml

from common.problems import CatalogueError, Problem
from common.whole_files import write_all
from local.nodes.images import table
from local.nodes.registries import HOSTS_FOLDER
from manifests import artifacts
from manifests.artifacts import ArtifactLock, ChartDigests
from manifests.charts import IMAGES, RELEASED, Chart, Image
from preflight.chart_archives import ArchiveError, archive_digests, fetch_archives
from tools.supply_chain.registry import RegistryError, registry_digest

_HEADER: Final = """\
# Digests of the charts and images in the versions of manifests/charts.py and local/nodes/images.yaml. `make lock` adds
# those that are null from their repository or registry, and fails if one that is recorded has changed there.
# `archive` is the digest of a chart's archive, `files` that of its unpacked files. A null is not verified.
"""


def locked_images() -> tuple[Image, ...]:
    """Return every image of the program and of the embedded environment's node, sorted."""
    names = {str(image) for image in IMAGES} | {image.image for image in table()}
    return tuple(Image(repository=name.rpartition(":")[0], version=name.rpartition(":")[2]) for name in sorted(names))


def renew(
    report: Callable[[str], None],
    *,
    path: Path = artifacts.LOCK,
    charts: Iterable[Chart] = RELEASED,
    images: Iterable[Image] | None = None,
    hosts: Path = HOSTS_FOLDER,
) -> None:
    """Fill the unknown digests of a lock file and compare the known ones; entries of other versions are removed.

    Args:
        report: Receives a line for each digest that remains unknown.
        path: The lock file.
        charts: Charts to lock.
        images: Images to lock; by default those of `locked_images`.
        hosts: Folder of registry mirrors.

    Raises:
        CatalogueError: a chart or image differs from its recorded digest, or the file is invalid; it stays unchanged.
    """
    lock = artifacts.read_lock(path) if path.exists() else ArtifactLock()
    found_charts, chart_problems = _charts(sorted(charts, key=lambda chart: chart.name), lock, report)
    found_images, image_problems = _images(locked_images() if images is None else images, lock, hosts, report)
    if problems := [*chart_problems, *image_problems]:
        raise CatalogueError(problems)
    write_all({path: rendered(ArtifactLock(charts=found_charts, images=found_images))})


def rendered(lock: ArtifactLock) -> str:
    """Return the text of a lock file."""
    charts = {path: asdict(digests) if digests else None for path, digests in lock.charts.items()}
    content = {"charts": _nested(charts), "images": _nested(lock.images)}
    return _HEADER + yaml.safe_dump(content, default_flow_style=False)


def _charts(
    charts: Iterable[Chart], lock: ArtifactLock, report: Callable[[str], None]
) -> tuple[dict[tuple[str, str], ChartDigests | None], list[Problem]]:
    found: dict[tuple[str, str], ChartDigests | None] = {}
    problems = []
    for chart, archive in fetch_archives(charts):
        path = (chart.name, chart.version)
        recorded = lock.charts.get(path)
        try:
            if isinstance(archive, ArchiveError):
                raise archive
            digests = archive_digests(chart, archive)
        except ArchiveError as error:
            report(f"{chart.name} {chart.version}: {'not compared' if recorded else 'unknown'}: {error}")
            found[path] = recorded
            continue
        found[path] = digests
        if recorded not in (None, digests):
            problems.append(_difference(f"charts.{'.'.join(path)}", digests.archive, recorded.archive))
    return found, problems


def _images(
    images: Iterable[Image], lock: ArtifactLock, hosts: Path, report: Callable[[str], None]
) -> tuple[dict[tuple[str, str], str | None], list[Problem]]:
    found: dict[tuple[str, str], str | None] = {}
    problems = []
    for image in images:
        path = (image.repository, image.version)
        recorded = lock.images.get(path)
        try:
            digest = registry_digest(image, hosts)
        except RegistryError as error:
            report(f"{image}: {'not compared' if recorded else 'unknown'}: {error}")
            found[path] = recorded
            continue
        found[path] = digest
        if recorded not in (None, digest):
            problems.append(_difference(f"images.{'.'.join(path)}", digest, recorded))
    return found, problems


def _difference(key: str, found: str, recorded: str) -> Problem:
    return Problem(
        f"{artifacts.NAME}: {key}", found, f"{recorded}, which is recorded: a released version never changes"
    )


def _nested(entries: Mapping[tuple[str, str], Any]) -> dict[str, dict[str, Any]]:
    by_name = itertools.groupby(sorted(entries.items(), key=lambda entry: entry[0]), key=lambda entry: entry[0][0])
    return {name: {path[1]: value for path, value in group} for name, group in by_name}
