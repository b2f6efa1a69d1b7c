"""Container images for a real node, each built from one static program."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from local.nodes.packages import PACKAGES
from local.tools.debian import program
from local.tools.toolset import binary

TABLE: Final = Path(__file__).with_name("images.yaml")
PAUSE_IMAGE: Final = "registry.k8s.io/pause:3.10"
ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
CA_BUNDLE: Final = "etc/ssl/certs/ca-certificates.crt"
USERS: Final = b"root:x:0:0:root:/:/\nnobody:x:65534:65534:nobody:/:/\n"


@dataclass(frozen=True, kw_only=True)
class Image:
    """One row of images.yaml; its header describes the fields."""

    image: str
    tool: str | None = None
    path: str = ""
    user: str = ""
    words: tuple[str, ...] = ()
    applets: tuple[str, ...] = ()
    trusts: bool = False

    @property
    def repository(self) -> str:
        """Name of the image without its tag."""
        return self.image.rpartition(":")[0]

    @property
    def name(self) -> str:
        """Full name of the image, as containerd lists it."""
        first, _, rest = self.image.partition("/")
        return self.image if "." in first and rest else f"docker.io/{self.image}"

    @property
    def registry(self) -> str:
        """Host of the registry."""
        return self.name.partition("/")[0]

    @property
    def program(self) -> Path:
        """Path of the program that the image is built from."""
        assert self.tool is not None, f"{self.image} cannot be built"
        return program(self.tool, PACKAGES[self.tool]) if self.tool in PACKAGES else binary(self.tool)

    def key(self, authority: bytes) -> str:
        """Return a key that changes with the content of the image."""
        status = self.program.stat()
        return hashlib.sha256(f"{self!r} {status.st_size} {status.st_mtime_ns}".encode() + authority).hexdigest()


@functools.cache
def table() -> tuple[Image, ...]:
    """Return every image of the stack and of the node."""
    return tuple(_image(row) for row in yaml.safe_load(TABLE.read_text()))


def _image(row: dict[str, Any]) -> Image:
    for name in ("words", "applets"):
        row[name] = tuple(row.get(name, ()))
    return Image(**row)


def write_archive(image: Image, target: Path, authority: bytes) -> None:
    """Write an image in the format of `docker save`.

    The program trusts only the given CA.
    """
    layer = target.with_suffix(".layer")
    try:
        with tarfile.open(layer, "w") as tar:
            for entry, content in _contents(image, authority):
                tar.addfile(entry, content)
        with layer.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        configuration = json.dumps(_configuration(image, digest)).encode()
        manifest = [{"Config": "config.json", "RepoTags": [image.name], "Layers": ["layer.tar"]}]
        with tarfile.open(target, "w") as tar:
            tar.add(layer, "layer.tar")
            for name, text in (("config.json", configuration), ("manifest.json", json.dumps(manifest).encode())):
                tar.addfile(_file(name, len(text), 0o644), io.BytesIO(text))
    finally:
        layer.unlink(missing_ok=True)


def _configuration(image: Image, layer: str) -> dict[str, object]:
    return {
        "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": {"User": image.user, "Entrypoint": [image.path, *image.words], "Env": ["PATH=/usr/bin:/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer}"]},
    }


def _contents(image: Image, authority: bytes) -> Iterator[tuple[tarfile.TarInfo, io.BufferedIOBase | None]]:
    """Yield the entries of the layer, folders first.

    They have no timestamps, so the same program gives the same image.
    """
    folders = {str(folder) for folder in Path(image.path).parents} - {"/"}
    for folder in sorted(folders | {"/etc", "/etc/ssl", "/etc/ssl/certs", "/tmp"}):
        entry = tarfile.TarInfo(folder.removeprefix("/"))
        entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "/tmp" else 0o755
        yield entry, None
    yield _file("etc/passwd", len(USERS), 0o644), io.BytesIO(USERS)
    yield _file(CA_BUNDLE, len(authority), 0o644), io.BytesIO(authority)
    name = image.path.removeprefix("/")
    with image.program.open("rb") as file:
        yield _file(name, image.program.stat().st_size, 0o755), file
    for applet in image.applets:
        link = tarfile.TarInfo(str(Path(name).parent / applet))
        link.type, link.linkname = tarfile.SYMTYPE, Path(name).name
        yield link, None


def _file(name: str, size: int, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, mode
    return entry
