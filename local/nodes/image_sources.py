"""Record of the source of each image on the real node of an environment."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.nodes.images import Image, table
from local.nodes.layout import NodeLayout
from local.private_files import write_private

PULLED: Final = "pulled"
# Followed by `: ` and the error if the registry is reachable but the pull failed.
UNAVAILABLE: Final = "none"


@dataclass
class ImageSources:
    """Source by image name: `pulled`, `none`, or the key of an image built here."""

    path: Path
    sources: dict[str, str]

    @classmethod
    def load(cls, layout: NodeLayout) -> ImageSources:
        """Read the record of an environment; empty if there is none."""
        path = layout.folder / "images.json"
        sources: dict[str, str] = {}
        with contextlib.suppress(OSError, ValueError):
            sources = json.loads(path.read_text())
        return cls(path, sources)

    def source_of(self, image: Image) -> str | None:
        """Return the recorded source of an image, or None."""
        return self.sources.get(image.name)

    def record(self, image: Image, source: str) -> None:
        """Record the source of an image."""
        self.sources[image.name] = source
        write_private(self.path, json.dumps(self.sources))

    def is_satisfied(self, image: Image, present: Collection[str], authority: bytes) -> bool:
        """Return whether an image needs no import.

        Args:
            image: The image.
            present: Names of the images on the node.
            authority: Certificate of the CA that built images trust.
        """
        source = self.source_of(image)
        if source is None or (image.name not in present and not source.startswith(UNAVAILABLE)):
            return False
        if image.tool is None:
            return True
        return source in (PULLED, image.key(authority))

    def unavailable(self) -> tuple[Image, ...]:
        """Return the images that are neither pulled nor built.

        Their pods are simulated.
        """
        return tuple(image for image in table() if not image.tool and self.source_of(image) != PULLED)

    def description(self) -> str:
        """Return text about the sources of the images and the simulated pods."""
        pulled = sum(source == PULLED for source in self.sources.values())
        names = ", ".join(self._named(image) for image in self.unavailable())
        built = f"from images built here{f' and {pulled} pulled' if pulled else ''}"
        return f"node and pods: real, {built}" + (f"; simulated, no image: {names}" if names else "")

    def _named(self, image: Image) -> str:
        _, _, problem = (self.source_of(image) or UNAVAILABLE).partition(": ")
        return image.repository.rpartition("/")[2] + (f" ({problem})" if problem else "")
