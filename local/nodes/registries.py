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
from local.nodes.layout import NodeLayout
from local.nodes.programs import ctr

# Where a machine names the mirrors of a registry, in HOST/hosts.toml or _default/hosts.toml, as for containerd.
HOSTS_FOLDER: Final = Path("/etc/containerd/certs.d")
# Where a registry is that is not at its own name.
SERVERS: Final = {"docker.io": "registry-1.docker.io"}
# What a registry says to `/v2/`: come in, or who are you (OCI distribution specification, "Determining Support").
REGISTRY_STATUS_CODES: Final = (200, 401)
# Seconds for one image.
PULL_TIMEOUT: Final = 600.0


def registry_addresses(host: str, hosts: Path = HOSTS_FOLDER) -> list[str]:
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


def reachable_registries(registries: Iterable[str], hosts: Path = HOSTS_FOLDER) -> frozenset[str]:
    """Those of some registries that answer within seconds, themselves or by a mirror.

    Raises:
        ValueError: a file that names mirrors cannot be read.
    """
    asked = {(name, address) for name in registries for address in registry_addresses(name, hosts)}
    with ThreadPoolExecutor(max(len(asked), 1)) as pool:
        found = pool.map(lambda each: each[0] if _is_registry(each[1]) else None, asked)
        return frozenset(name for name in found if name)


def pull(layout: NodeLayout, image: Image, hosts: Path = HOSTS_FOLDER) -> str | None:
    """Let a running node have an image from its registry, and return why not if it cannot."""
    answer = ctr(layout, "images", "pull", "--hosts-dir", str(hosts), image.name, timeout=PULL_TIMEOUT)
    if answer.returncode == 0:
        return None
    lines = answer.stderr.strip().splitlines() or [f"exit code {answer.returncode}"]
    return lines[-1].removeprefix("ctr: ")


def _is_registry(address: str, timeout: float = 3.0) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/v2/", timeout=timeout) as answer:
            return answer.status in REGISTRY_STATUS_CODES
    except urllib.error.HTTPError as error:
        with error:
            return error.code in REGISTRY_STATUS_CODES
    except (OSError, ValueError, http.client.HTTPException):
        return False
