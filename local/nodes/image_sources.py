"""Where each image of one environment's real node came from, written down as soon as it is there."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.nodes.images import Image, table
from local.nodes.layout import Place
from local.private_files import write_private

PULLED: Final = "pulled"
NONE: Final = "none"
"""Or `none: ` and why it could not be pulled although its registry answers."""


@dataclass
class Origins:
    """What is on record: `pulled`, `none`, or for an image that was made the key of what it was made of."""

    path: Path
    known: dict[str, str]

    @classmethod
    def of(cls, place: Place) -> Origins:
        """The record of an environment, empty where there is none yet."""
        path = place.folder / "images.json"
        known: dict[str, str] = {}
        with contextlib.suppress(OSError, ValueError):
            known = json.loads(path.read_text())
        return cls(path, known)

    def of_image(self, image: Image) -> str | None:
        """Where an image came from; nothing where that is not settled."""
        return self.known.get(image.name)

    def settle(self, image: Image, origin: str) -> None:
        """Write down where an image came from."""
        self.known[image.name] = origin
        write_private(self.path, json.dumps(self.known))

    def holds(self, image: Image, present: Collection[str], authority: bytes) -> bool:
        """Whether nothing is to be done for an image, given what the node has."""
        origin = self.of_image(image)
        if origin is None or (image.name not in present and not origin.startswith(NONE)):
            return False
        if image.tool is None:
            return True
        return origin in (PULLED, image.key(authority))

    def lacking(self) -> tuple[Image, ...]:
        """The images that cannot be had: their pods are simulated."""
        return tuple(image for image in table() if not image.tool and self.of_image(image) != PULLED)

    def description(self) -> str:
        """Where the images are from and which are lacking, for a person."""
        pulled = sum(origin == PULLED for origin in self.known.values())
        names = ", ".join(self._named(image) for image in self.lacking())
        made = f"from images made here{f' and {pulled} pulled' if pulled else ''}"
        return f"node and pods: real, {made}" + (f"; simulated, having none: {names}" if names else "")

    def _named(self, image: Image) -> str:
        _, _, problem = (self.of_image(image) or NONE).partition(": ")
        return image.repository.rpartition("/")[2] + (f" ({problem})" if problem else "")
