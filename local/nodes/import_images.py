"""Import of the images that the pods of a real node use."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from local.nodes.image_sources import PULLED, UNAVAILABLE, ImageSources
from local.nodes.images import Image, table, write_archive
from local.nodes.layout import NodeLayout
from local.nodes.programs import ctr
from local.nodes.registries import HOSTS_FOLDER, DigestError, pull, reachable_registries

CONCURRENCY: Final = 4


class ImageError(Exception):
    """An image cannot be imported or is not the recorded one, or a file of registry mirrors cannot be read."""


def import_images(layout: NodeLayout, report: Callable[[str], None], hosts: Path = HOSTS_FOLDER) -> None:
    """Pull or build the images that a running node lacks or has in another version.

    The recorded source of an image is permanent, because a node must not change with the network.

    Raises:
        ImageError: containerd rejects an image, an image differs from its recorded digest, or a file of registry
            mirrors cannot be read.
    """
    sources = ImageSources.load(layout)
    authority = (layout.state / "certificates" / "authority.crt").read_bytes()
    present = present_images(layout)
    missing = [image for image in table() if not sources.is_satisfied(image, present, authority)]
    unknown = [image for image in missing if not image.trusts and sources.source_of(image) in (None, PULLED)]
    try:
        registries = reachable_registries({image.registry for image in unknown}, hosts)
    except ValueError as error:
        raise ImageError(str(error)) from None
    reachable = {image for image in unknown if image.registry in registries}

    def import_one(image: Image) -> str:
        report(f"image {image.image}")
        return _import_image(layout, image, authority, reachable, report, hosts)

    with ThreadPoolExecutor(CONCURRENCY) as pool:
        for image, source in zip(missing, pool.map(import_one, missing), strict=True):
            sources.record(image, source)


def present_images(layout: NodeLayout) -> list[str]:
    """Return the names of the images on a running node."""
    return ctr(layout, "images", "list", "--quiet").stdout.split()


def _import_image(
    layout: NodeLayout,
    image: Image,
    authority: bytes,
    reachable: Collection[Image],
    report: Callable[[str], None],
    hosts: Path,
) -> str:
    """Pull or build an image and return its source."""
    if image in reachable:
        try:
            problem = pull(layout, image, hosts)
        except DigestError as error:
            raise ImageError(str(error)) from None
        if problem is None:
            return PULLED
        report(f"image {image.image}: {problem}")
        if not image.tool:
            return f"{UNAVAILABLE}: {image.registry} is reachable, but {problem}"
    if not image.tool:
        return UNAVAILABLE
    archive = layout.folder / f"{image.name.replace('/', '_')}.tar"
    try:
        write_archive(image, archive, authority)
        result = ctr(layout, "images", "import", str(archive))
    finally:
        archive.unlink(missing_ok=True)
    if result.returncode:
        raise ImageError(f"containerd rejected the image {image.image}, built from {image.program}: {result.stderr}")
    return image.key(authority)
