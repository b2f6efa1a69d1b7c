"""Settings of the pods' priority classes."""

from typing import NamedTuple

from settings.base import SettingsModel
from settings.fields import NODE_EXPORTER_SUFFIX, Flag, ObjectName


class SchedulingSettings(SettingsModel):
    """The priority class of all pods; without one, the stack creates two."""

    priority_class: ObjectName = None
    preemption: Flag = True


class PriorityClassNames(NamedTuple):
    """Names of the priority classes of the node exporter's pods and of all other pods."""

    components: str
    node_exporter: str


def priority_classes(settings: SchedulingSettings, namespace: str) -> PriorityClassNames:
    """Return the stack's own classes, or the one from its settings for all pods."""
    if settings.priority_class:
        return PriorityClassNames(settings.priority_class, settings.priority_class)
    # The prefix, because Kubernetes reserves names that start with `system-`.
    components = f"bais-{namespace}"
    # One class cannot change whether it preempts, so without preemption the node exporter uses that of the others.
    return PriorityClassNames(components, f"{components}{NODE_EXPORTER_SUFFIX}" if settings.preemption else components)
