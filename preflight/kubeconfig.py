"""What the engine finds in kubeconfig files, as far as it must be known before it starts."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class KubeconfigError(Exception):
    """A file is no kubeconfig; the text says what it is instead."""


@dataclass(frozen=True, kw_only=True)
class Kubeconfig:
    """Contexts and clusters by name, and the name of the current context."""

    current_context: str | None
    contexts: Mapping[str, Mapping[str, Any]]
    clusters: Mapping[str, Mapping[str, Any]]


def read_kubeconfig(files: Iterable[Path]) -> Kubeconfig:
    """The files merged as client-go merges them: the first to name something decides; raises KubeconfigError."""
    contents = [_content(file) for file in files]
    contexts: dict[str, Mapping[str, Any]] = {}
    clusters: dict[str, Mapping[str, Any]] = {}
    for content in contents:
        contexts = _named(content, "context") | contexts
        clusters = _named(content, "cluster") | clusters
    current = next((str(name) for content in contents if (name := content.get("current-context"))), None)
    return Kubeconfig(current_context=current, contexts=contexts, clusters=clusters)


def _content(file: Path) -> Mapping[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
        content = _parsed(text)
    except OSError as error:
        raise KubeconfigError(f"{file}, which cannot be read ({error.strerror})") from None
    except (ValueError, yaml.YAMLError):
        raise KubeconfigError(f"{file}, which is not YAML") from None
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise KubeconfigError(f"{file}, which is no mapping")
    return content


def _parsed(text: str) -> object:
    try:
        return json.loads(text)  # First, because JSON may be indented by tabs and YAML may not.
    except ValueError:
        return yaml.safe_load(text)


def _named(content: Mapping[str, Any], kind: str) -> dict[str, Mapping[str, Any]]:
    entries = content.get(f"{kind}s") or []
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) and "name" in entry for entry in entries):
        raise KubeconfigError(f"a kubeconfig whose {kind}s are no list of names")
    found = {str(entry["name"]): entry.get(kind) or {} for entry in entries}
    if not all(isinstance(value, Mapping) for value in found.values()):
        raise KubeconfigError(f"a kubeconfig with a {kind} that is no mapping")
    return found
