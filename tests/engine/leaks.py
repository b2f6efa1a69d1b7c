"""All objects of a cluster as text, with encoded and compressed values unpacked."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any, Final

from local.control_plane.lifecycle import ControlPlane

# Magic number of gzip.
GZIP: Final = b"\x1f\x8b"


def cluster_objects(control_plane: ControlPlane) -> Iterator[tuple[str, str]]:
    """Yield `kind/name in namespace` and text of every object.

    Includes events and custom resources.
    """
    kinds = control_plane.kubectl("api-resources", "--verbs=list", "--output=name").split()
    listed = control_plane.kubectl("get", ",".join(sorted(kinds)), "--all-namespaces", "--output=json")
    for item in json.loads(listed)["items"]:
        metadata = item["metadata"]
        yield f"{item['kind']}/{metadata['name']} in {metadata.get('namespace', 'the cluster')}", _text(item)


def _text(item: dict[str, Any]) -> str:
    packed = [item.get("data") or {}, item.get("binaryData") or {}] if item["kind"] in ("Secret", "ConfigMap") else []
    return "\n".join([json.dumps(item), *(unpacked(value) for entries in packed for value in entries.values())])


def unpacked(text: str) -> str:
    """Return a text and its decoded layers of base64 and gzip.

    A Helm record has three layers.
    """
    try:
        content = base64.b64decode(text, validate=True)
        inner = (gzip.decompress(content) if content.startswith(GZIP) else content).decode()
    except ValueError:  # neither base64 nor gzip: plain text
        return text
    return f"{text}\n{unpacked(inner)}" if inner else text
