"""Digests of images in a registry, by the OCI distribution specification."""

import http.client
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Final

from local.nodes import images
from local.nodes.registries import HOSTS_FOLDER, registry_addresses
from manifests.artifacts import digest
from manifests.charts import Image

_TIMEOUT: Final = 15.0
# An index with one manifest per platform is preferred, so that the digest is valid on all of them.
_ACCEPTED: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


class RegistryError(Exception):
    """No registry answers with the image; the message says why."""


def registry_digest(image: Image, hosts: Path = HOSTS_FOLDER) -> str:
    """Return the digest of an image's tag in its registry, or in a mirror of it.

    Raises:
        RegistryError: neither a mirror nor the registry has the image.
    """
    name = images.Image(image=str(image))
    repository = name.name.partition("/")[2].rpartition(":")[0]
    errors = []
    try:
        addresses = registry_addresses(name.registry, hosts)
    except ValueError as error:
        raise RegistryError(str(error)) from None
    for address in addresses:
        try:
            # Computed, not read from a header, so that it is the digest of what the registry has sent.
            return digest(_manifest(f"{address}/v2/{repository}/manifests/{image.version}"))
        except urllib.error.HTTPError as error:
            with error:
                errors.append(f"{address}: {error}")
        except (OSError, ValueError, http.client.HTTPException) as error:
            errors.append(f"{address}: {error}")
    raise RegistryError("; ".join(errors))


def _manifest(address: str) -> bytes:
    try:
        return _get(address)
    except urllib.error.HTTPError as error:
        token = _token_address(error.headers.get("WWW-Authenticate", "")) if error.code == 401 else None
        if token is None:
            raise
        error.close()
    return _get(address, str(json.loads(_get(token)).get("token", "")))


def _get(address: str, token: str | None = None) -> bytes:
    headers = {"Accept": ", ".join(_ACCEPTED)} | ({"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=_TIMEOUT) as response:
        content: bytes = response.read()
        return content


def _token_address(challenge: str) -> str | None:
    """Return the address of an anonymous token, from the challenge of the registry."""
    fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    realm = fields.pop("realm", None)
    if realm is None or not challenge.lower().startswith("bearer "):
        return None
    return f"{realm}?{urllib.parse.urlencode(fields)}"
