"""How the pods of the stack fare when a node is full."""

from typing import NamedTuple

from settings.base import SettingsModel
from settings.fields import NODE_EXPORTER_SUFFIX, ObjectName


class SchedulingSettings(SettingsModel):
    """Which priority class the pods have; without one the stack makes its own two."""

    priority_class: ObjectName = None


class Priorities(NamedTuple):
    """The names of two priority classes: that of the node exporter's pods, and that of all others."""

    components: str
    node_exporter: str


def priority_classes(settings: SchedulingSettings, namespace: str) -> Priorities:
    """The classes of a stack: its own, or the one that it names, for all pods."""
    if settings.priority_class:
        return Priorities(settings.priority_class, settings.priority_class)
    # With a word before the namespace, because Kubernetes keeps names that start with `system-` for itself.
    return Priorities(f"bais-{namespace}", f"bais-{namespace}{NODE_EXPORTER_SUFFIX}")
