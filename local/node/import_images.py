"""Gives a real node the images that its pods ask for."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable

from local.access import write_private
from local.node.images import Image, made, write_archive
from local.node.place import Place
from local.node.programs import ctr


class ImageError(Exception):
    """An image cannot be given to the node: which one."""


def import_images(place: Place, report: Callable[[str], None]) -> None:
    """Make what the node does not have, or has from another program.

    Raises:
        ImageError: containerd does not take one.
    """
    record = place.folder / "images.json"
    known: dict[str, str] = {}
    with contextlib.suppress(OSError, ValueError):
        known = json.loads(record.read_text())
    authority = (place.state / "certificates" / "authority.crt").read_bytes()
    present = (ctr(place, "images", "list", "--quiet") or "").split()
    for image in made():
        if image.name not in present or known.get(image.name) != image.key(authority):
            report(f"image {image.image}")
            _import(place, image, authority)
            known[image.name] = image.key(authority)
            write_private(record, json.dumps(known))


def _import(place: Place, image: Image, authority: bytes) -> None:
    archive = place.folder / "image.tar"
    try:
        write_archive(image, archive, authority)
        if ctr(place, "images", "import", str(archive)) is None:
            raise ImageError(f"containerd does not take the image {image.image}, made of {image.program}")
    finally:
        archive.unlink(missing_ok=True)
