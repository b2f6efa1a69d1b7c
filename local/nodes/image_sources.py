"""Where each image of one environment's real node came from, written down as soon as it is there."""

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
# Or `none: ` and why it could not be pulled although its registry answers.
UNAVAILABLE: Final = "none"


@dataclass
class ImageSources:
    """What is on record: `pulled`, `none`, or for an image that was made the key of what it was made of."""

    path: Path
    sources: dict[str, str]

    @classmethod
    def of(cls, layout: NodeLayout) -> ImageSources:
        """The record of an environment, empty where there is none yet."""
        path = layout.folder / "images.json"
        sources: dict[str, str] = {}
        with contextlib.suppress(OSError, ValueError):
            sources = json.loads(path.read_text())
        return cls(path, sources)

    def source_of(self, image: Image) -> str | None:
        """Where an image came from; nothing where that is not settled."""
        return self.sources.get(image.name)

    def record(self, image: Image, source: str) -> None:
        """Write down where an image came from."""
        self.sources[image.name] = source
        write_private(self.path, json.dumps(self.sources))

    def is_satisfied(self, image: Image, present: Collection[str], authority: bytes) -> bool:
        """Whether nothing is to be done for an image, given what the node has."""
        source = self.source_of(image)
        if source is None or (image.name not in present and not source.startswith(UNAVAILABLE)):
            return False
        if image.tool is None:
            return True
        return source in (PULLED, image.key(authority))

    def unavailable(self) -> tuple[Image, ...]:
        """The images that cannot be had: their pods are simulated."""
        return tuple(image for image in table() if not image.tool and self.source_of(image) != PULLED)

    def description(self) -> str:
        """Where the images are from and which are lacking, for a person."""
        pulled = sum(source == PULLED for source in self.sources.values())
        names = ", ".join(self._named(image) for image in self.unavailable())
        made = f"from images made here{f' and {pulled} pulled' if pulled else ''}"
        return f"node and pods: real, {made}" + (f"; simulated, having none: {names}" if names else "")

    def _named(self, image: Image) -> str:
        _, _, problem = (self.source_of(image) or UNAVAILABLE).partition(": ")
        return image.repository.rpartition("/")[2] + (f" ({problem})" if problem else "")
