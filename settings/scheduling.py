"""Priority classes of the stack's pods."""

from typing import NamedTuple

from settings.base import SettingsModel
from settings.fields import NODE_EXPORTER_SUFFIX, ObjectName


class SchedulingSettings(SettingsModel):
    """The priority class of the pods; without one, the stack creates two of its own."""

    priority_class: ObjectName = None


class Priorities(NamedTuple):
    """Names of the priority classes of the node exporter's pods and of all other pods."""

    components: str
    node_exporter: str


def priority_classes(settings: SchedulingSettings, namespace: str) -> Priorities:
    """Return the stack's own classes, or the one from its settings for all pods."""
    if settings.priority_class:
        return Priorities(settings.priority_class, settings.priority_class)
    # With a word before the namespace, because Kubernetes reserves names that start with `system-`.
    return Priorities(f"bais-{namespace}", f"bais-{namespace}{NODE_EXPORTER_SUFFIX}")
