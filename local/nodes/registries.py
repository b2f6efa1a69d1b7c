"""Registries of images, asked from outside of the node, which has no way out."""

from __future__ import annotations

import http.client
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from local.nodes.images import Image
from local.nodes.layout import Place
from local.nodes.programs import ctr

HOSTS: Final = Path("/etc/containerd/certs.d")
"""Where a machine names the mirrors of a registry, in HOST/hosts.toml or _default/hosts.toml, as for containerd."""
SERVERS: Final = {"docker.io": "registry-1.docker.io"}
"""Where a registry is that is not at its own name."""
ANSWERS: Final = (200, 401)
"""What a registry says to `/v2/`: come in, or who are you (OCI distribution specification, "Determining Support")."""
PATIENCE: Final = 600.0
"""Seconds for one image."""


def addresses(host: str, hosts: Path = HOSTS) -> list[str]:
    """Where the images of a registry are to be had: its mirrors, then itself.

    Raises:
        ValueError: the file that names the mirrors cannot be read.
    """
    itself = f"https://{SERVERS.get(host, host)}"
    for path in (hosts / name / "hosts.toml" for name in (host, "_default")):
        if path.exists():
            try:
                content = tomllib.loads(path.read_text())
            except (OSError, ValueError) as error:
                raise ValueError(f"{path}: {error}") from None
            return [*content.get("host", {}), content.get("server", itself)]
    return [itself]


def answering(registries: Iterable[str], hosts: Path = HOSTS) -> frozenset[str]:
    """Those of some registries that answer within seconds, themselves or by a mirror.

    Raises:
        ValueError: a file that names mirrors cannot be read.
    """
    asked = {(name, address) for name in registries for address in addresses(name, hosts)}
    with ThreadPoolExecutor(max(len(asked), 1)) as pool:
        found = pool.map(lambda each: each[0] if _answers(each[1]) else None, asked)
        return frozenset(name for name in found if name)


def pull(place: Place, image: Image, hosts: Path = HOSTS) -> str | None:
    """Let a running node have an image from its registry, and return why not if it cannot."""
    answer = ctr(place, "images", "pull", "--hosts-dir", str(hosts), image.name, timeout=PATIENCE)
    if answer.returncode == 0:
        return None
    lines = answer.stderr.strip().splitlines() or [f"exit code {answer.returncode}"]
    return lines[-1].removeprefix("ctr: ")


def _answers(address: str, timeout: float = 3.0) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/v2/", timeout=timeout) as answer:
            return answer.status in ANSWERS
    except urllib.error.HTTPError as error:
        with error:
            return error.code in ANSWERS
    except (OSError, ValueError, http.client.HTTPException):
        return False
