"""Image registries, accessed from the host; the node has no external network."""

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
from manifests import artifacts

# Registry mirrors in the format of containerd: HOST/hosts.toml or _default/hosts.toml.
HOSTS_FOLDER: Final = Path("/etc/containerd/certs.d")
# Server names that differ from the registry name.
SERVERS: Final = {"docker.io": "registry-1.docker.io"}
# Responses of a registry to `/v2/`, with or without a login (OCI distribution specification, "Determining Support").
REGISTRY_STATUS_CODES: Final = (200, 401)
# Seconds per image.
PULL_TIMEOUT: Final = 600.0


class DigestError(Exception):
    """A registry has another image under a tag than the recorded one."""


def registry_addresses(host: str, hosts: Path = HOSTS_FOLDER) -> list[str]:
    """Return the addresses of a registry: its mirrors, then its server.

    Raises:
        ValueError: the file of mirrors cannot be read.
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
    """Return the registries that respond within seconds, directly or through a mirror.

    Raises:
        ValueError: a file of mirrors cannot be read.
    """
    candidates = {(name, address) for name in registries for address in registry_addresses(name, hosts)}
    with ThreadPoolExecutor(max(len(candidates), 1)) as pool:
        found = pool.map(lambda each: each[0] if _is_registry(each[1]) else None, candidates)
        return frozenset(name for name in found if name)


def pull(layout: NodeLayout, image: Image, hosts: Path = HOSTS_FOLDER) -> str | None:
    """Pull an image to a running node; return the error message, or None on success.

    Raises:
        DigestError: the image differs from its recorded digest; it is removed from the node.
    """
    result = ctr(layout, "images", "pull", "--hosts-dir", str(hosts), image.name, timeout=PULL_TIMEOUT)
    if result.returncode == 0:
        _check_digest(layout, image)
        return None
    lines = result.stderr.strip().splitlines() or [f"exit code {result.returncode}"]
    return lines[-1].removeprefix("ctr: ")


def _check_digest(layout: NodeLayout, image: Image) -> None:
    recorded = artifacts.recorded().images.get((image.repository, image.image.rpartition(":")[2]))
    listed = ctr(layout, "images", "list", f"name=={image.name}").stdout.split()
    found = next((word for word in listed if word.startswith("sha256:")), "no digest")
    if recorded not in (None, found):
        ctr(layout, "images", "remove", "--sync", image.name)
        raise DigestError(f"image {image.image}: found {found}; required: {recorded}, recorded in {artifacts.NAME}")


def _is_registry(address: str, timeout: float = 3.0) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/v2/", timeout=timeout) as response:
            return response.status in REGISTRY_STATUS_CODES
    except urllib.error.HTTPError as error:
        with error:
            return error.code in REGISTRY_STATUS_CODES
    except (OSError, ValueError, http.client.HTTPException):
        return False
