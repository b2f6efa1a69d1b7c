"""Settings with which this stack fits beside the previous one and reads its history, as they belong in its file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from common.problems import Problem
from operations.adopt.history import configured_source, source_labels, wanted_source
from operations.adopt.model import PreviousStack
from settings.stack import StackSettings

_PORT: Final = re.compile(r"a free port such as (\d+)")


def missing_settings(previous: PreviousStack, settings: StackSettings, conflicts: Sequence[Problem]) -> str:
    """Return the settings to add to the stack's file as YAML; empty if nothing is missing.

    Conflicts whose setting depends on a decision are left to their own text.
    """
    found: dict[str, dict[str, Any]] = {}
    for conflict in conflicts:
        key = conflict.key.removeprefix("monitoring:")
        section, _, name = key.partition(".")
        if (value := _value(key, conflict, settings)) is not None:
            found.setdefault(section, {})[name] = value
    sources = [
        wanted_source(item, previous)
        for item in previous.prometheuses
        if source_labels(item) and not configured_source(item, settings.prometheus.remote_read)
    ]
    if sources:
        found.setdefault("prometheus", {})["remoteRead"] = sources
    if not found:
        return ""
    return yaml.safe_dump({f"monitoring:{section}": values for section, values in found.items()}, sort_keys=False)


def _value(key: str, conflict: Problem, settings: StackSettings) -> object:
    values: Mapping[str, object] = {
        "operator.crds": "existing",
        "operator.controllerId": settings.namespace,
        "cluster.qualifiedNames": True,
        "prometheus.selector": settings.namespace,
    }
    if (port := _PORT.search(conflict.allowed)) is not None:
        return int(port[1])
    return values.get(key)
