"""Recorded digests of charts and images, from `artifacts.lock.yaml`; `make lock` records them."""

import functools
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from common.problems import CatalogueError, Problem
from common.yaml_files import InvalidFileError, parse_yaml, read_text

LOCK: Final = Path(__file__).with_name("artifacts.lock.yaml")
NAME: Final = f"manifests/{LOCK.name}"
EMBEDDED: Final = "local"
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_CHART_FIELDS: Final = ("archive", "files")


@dataclass(frozen=True, kw_only=True)
class ChartDigests:
    """Digests of a chart in one version, as `sha256:<hexadecimal>`.

    Attributes:
        archive: Digest of the archive, as a repository publishes it.
        files: Digest of the unpacked files, as `files_digest` returns it.
    """

    archive: str
    files: str


@dataclass(frozen=True, kw_only=True)
class ArtifactLock:
    """Recorded digests by name and version; None is a digest that is not known yet.

    Attributes:
        charts: Digests by name and version of the chart.
        images: Digest of the manifest or index by repository and tag.
    """

    charts: Mapping[tuple[str, str], ChartDigests | None] = field(default_factory=dict)
    images: Mapping[tuple[str, str], str | None] = field(default_factory=dict)


@functools.cache
def recorded() -> ArtifactLock:
    """Return the digests of this project; CatalogueError as from `parse_lock`."""
    return read_lock(LOCK)


def image_digest(repository: str, version: str, environment: str) -> str | None:
    """Return the digest with which a pod selects an image, None if it is not known.

    None in environment local as well, whose node also runs images that it builds itself.
    """
    return None if environment == EMBEDDED else recorded().images.get((repository, version))


def read_lock(path: Path) -> ArtifactLock:
    """Return the digests of a lock file; CatalogueError as from `parse_lock`."""
    try:
        return parse_lock(read_text(path))
    except InvalidFileError as error:
        raise CatalogueError([Problem(NAME, error.found, error.allowed)]) from None


def parse_lock(text: str) -> ArtifactLock:
    """Return the digests of a lock file.

    Raises:
        CatalogueError: the file is malformed, with one problem per entry.
        InvalidFileError: the text is not YAML.
    """
    content = parse_yaml(text)
    problems: list[Problem] = []
    charts, images = (
        {path: _digests(section, path, value, problems) for path, value in _entries(content, section, problems)}
        for section in ("charts", "images")
    )
    if problems:
        raise CatalogueError(problems)
    return ArtifactLock(
        charts={path: ChartDigests(**value) if value else None for path, value in charts.items()}, images=images
    )


def files_digest(files: Mapping[str, bytes]) -> str:
    """Return the digest of the files of a chart, given their content by path relative to the folder of the chart."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in sorted(files.items()))
    return digest("".join(lines).encode())


def digest(content: bytes) -> str:
    """Return the digest of a content as `sha256:<hexadecimal>`."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _entries(content: Any, section: str, problems: list[Problem]) -> Iterator[tuple[tuple[str, str], Any]]:
    """Yield name, version and value of each entry of a section."""
    versions = content.get(section) if isinstance(content, Mapping) else None
    if not isinstance(versions, Mapping) or not all(isinstance(value, Mapping) for value in versions.values()):
        problems.append(Problem(f"{NAME}: {section}", "no versions by name", "names with their versions"))
        return
    for name, values in versions.items():
        for version, value in values.items():
            yield (str(name), str(version)), value


def _digests(section: str, path: tuple[str, str], value: Any, problems: list[Problem]) -> Any:
    """Return the digest or digests of an entry, None if they are unknown or malformed."""
    fields = value if section == "charts" and isinstance(value, Mapping) else {"": value}
    expected = _CHART_FIELDS if section == "charts" else ("",)
    is_valid = tuple(fields) == expected and all(_DIGEST.fullmatch(str(each)) for each in fields.values())
    if value is not None and not is_valid:
        allowed = "sha256: and 64 hexadecimal digits" + (" for archive and files" if section == "charts" else "")
        problems.append(Problem(f"{NAME}: {section}.{'.'.join(path)}", str(value), f"{allowed}, or null"))
    return value if is_valid else None
