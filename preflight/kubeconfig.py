"""Reader of kubeconfig files, which merges them as client-go does."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class KubeconfigError(Exception):
    """A file is not a valid kubeconfig; the message describes what was found."""


@dataclass(frozen=True, kw_only=True)
class Kubeconfig:
    """Contexts and clusters by name, and the name of the current context."""

    current_context: str | None
    contexts: Mapping[str, Mapping[str, Any]]
    clusters: Mapping[str, Mapping[str, Any]]


def read_kubeconfig(files: Iterable[Path]) -> Kubeconfig:
    """Merge kubeconfig files; the first one to define a name takes precedence. Raises KubeconfigError."""
    contents = [_read_mapping(file) for file in files]
    contexts: dict[str, Mapping[str, Any]] = {}
    clusters: dict[str, Mapping[str, Any]] = {}
    for content in contents:
        contexts = _entries_by_name(content, "context") | contexts
        clusters = _entries_by_name(content, "cluster") | clusters
    current = next((str(name) for content in contents if (name := content.get("current-context"))), None)
    return Kubeconfig(current_context=current, contexts=contexts, clusters=clusters)


def _read_mapping(file: Path) -> Mapping[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
        content = _parse(text)
    except OSError as error:
        raise KubeconfigError(f"{file}, which cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError, yaml.YAMLError):
        raise KubeconfigError(f"{file}, which is not YAML") from None
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise KubeconfigError(f"{file}, which is not a mapping")
    return content


def _parse(text: str) -> object:
    try:
        return json.loads(text)  # First, because JSON allows tabs as indentation and YAML does not.
    except ValueError:
        return yaml.safe_load(text)


def _entries_by_name(content: Mapping[str, Any], kind: str) -> dict[str, Mapping[str, Any]]:
    entries = content.get(f"{kind}s") or []
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) and "name" in entry for entry in entries):
        raise KubeconfigError(f"a kubeconfig whose {kind}s are not a list of named entries")
    by_name = {str(entry["name"]): entry.get(kind) or {} for entry in entries}
    if not all(isinstance(value, Mapping) for value in by_name.values()):
        raise KubeconfigError(f"a kubeconfig with a {kind} that is not a mapping")
    return by_name
