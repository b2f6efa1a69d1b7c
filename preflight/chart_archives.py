"""Chart archives of a Helm repository over HTTP."""

import io
import tarfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from manifests.artifacts import ChartDigests, digest, files_digest
from manifests.charts import Chart

# Seconds per file: the index of a large repository has several megabytes.
_TIMEOUT: Final = 120.0


class ArchiveError(Exception):
    """An archive cannot be downloaded, or it is not what the index of its repository says."""


def fetch_archives(charts: Iterable[Chart]) -> Iterator[tuple[Chart, bytes | ArchiveError]]:
    """Yield the archive of each chart, or why there is none; each repository's index is read once."""
    indexes: dict[str, Mapping[str, Any] | ArchiveError] = {}
    for chart in charts:
        try:
            index = indexes.get(chart.repository) or _index(chart.repository)
            indexes[chart.repository] = index
            yield chart, _archive(chart, index)
        except ArchiveError as error:
            if chart.repository not in indexes:
                indexes[chart.repository] = error
            yield chart, error


def unpack(chart: Chart, archive: bytes) -> dict[str, bytes]:
    """Return the files of an archive by their path relative to the folder of the chart.

    Raises:
        ArchiveError: the archive cannot be read, or has a file outside that folder.
    """
    files = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in filter(tarfile.TarInfo.isfile, tar.getmembers()):
                path = Path(member.name)
                if path.is_absolute() or ".." in path.parts or path.parts[0] != chart.name:
                    raise ArchiveError(f"{chart.name}: the archive has a file outside the folder of the chart")
                content = tar.extractfile(member)
                files[str(path.relative_to(chart.name))] = content.read() if content else b""
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ArchiveError(f"{chart.name}: the archive cannot be read: {error}") from None
    return files


def archive_digests(chart: Chart, archive: bytes) -> ChartDigests:
    """Return the digests of an archive and of its files; ArchiveError as from `unpack`."""
    return ChartDigests(archive=digest(archive), files=files_digest(unpack(chart, archive)))


def folder_files(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their path relative to it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _index(repository: str) -> Mapping[str, Any]:
    address = f"{repository.rstrip('/')}/index.yaml"
    try:
        entries = yaml.load(_fetch(address), Loader=yaml.CSafeLoader)["entries"]
        return {str(name): {str(entry["version"]): entry for entry in found} for name, found in entries.items()}
    except (yaml.YAMLError, TypeError, KeyError, AttributeError):
        raise ArchiveError(f"{address}: not the index of a chart repository") from None


def _archive(chart: Chart, index: Mapping[str, Any] | ArchiveError) -> bytes:
    """Download an archive as Helm does, and compare it with the digest in the index."""
    if isinstance(index, ArchiveError):
        raise index
    entry = index.get(chart.name, {}).get(chart.version)
    if entry is None:
        raise ArchiveError(f"{chart.repository}: no chart {chart.name} {chart.version} in the index")
    try:
        address = urllib.parse.urljoin(f"{chart.repository.rstrip('/')}/", entry["urls"][0])
    except (TypeError, KeyError, IndexError):
        raise ArchiveError(f"{chart.repository}: no address of {chart.name} {chart.version} in the index") from None
    archive = _fetch(address)
    expected = str(entry.get("digest") or "").removeprefix("sha256:")
    if expected and digest(archive) != f"sha256:{expected}":
        raise ArchiveError(f"{address}: digest {digest(archive)}; required: sha256:{expected}")
    return archive


def _fetch(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT) as response:
            content: bytes = response.read()
            return content
    except urllib.error.HTTPError as error:
        with error:
            raise ArchiveError(f"{address}: {error}") from None
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{address}: {error}") from None
