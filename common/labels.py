"""Labels of the stack's objects, including the one with which other teams select their own for monitoring."""

from collections.abc import Mapping
from typing import Any, Final

# Prometheus selects every monitor, probe and rule with this label, in any namespace. Its default value; a second stack
# in the same cluster needs another one.
SELECTOR_LABEL: Final = "monitoring/stack"
SELECTOR_VALUE: Final = "bais"
SELECTOR: Final[Mapping[str, str]] = {SELECTOR_LABEL: SELECTOR_VALUE}

# Annotation with a hash of the `spec` of a Prometheus or Alertmanager. The operator copies it to the StatefulSets
# while it applies that specification.
SPECIFICATION_ANNOTATION: Final = "monitoring/specification"

# Labels of the objects that other stacks or users could mistake for their own: namespaces, cluster-wide objects.
STACK_LABEL: Final = "app.kubernetes.io/instance"
_OWNED: Final[Mapping[str, str]] = {"app.kubernetes.io/part-of": "monitoring", "app.kubernetes.io/managed-by": "pulumi"}

# Label of the objects that the operator creates.
OPERATED: Final[Mapping[str, str]] = {"app.kubernetes.io/managed-by": "prometheus-operator"}

# Annotation of a Role with the reason why it grants access to Secrets, which the policy pack requires.
READS_SECRETS: Final = "monitoring/reads-secrets-because"

# Annotation of a namespace that existed before the stack, which therefore never deletes it.
ADOPTED: Final[Mapping[str, str]] = {"monitoring/adopted": "true"}


def selector_labels(value: str) -> dict[str, str]:
    """Return the label with which Prometheus selects, with a stack's own value."""
    return {SELECTOR_LABEL: value}


def ownership_labels(stack: str) -> dict[str, str]:
    """Return the labels of an object that belongs to a stack of this program."""
    # A label value has at most 63 characters and starts and ends with a letter or digit.
    return {**_OWNED, STACK_LABEL: stack[:63].strip("-_.")}


def owning_stack(labels: Mapping[str, str]) -> str | None:
    """Return the stack that an object with these labels belongs to; None if it is not of this program."""
    return labels.get(STACK_LABEL) if _OWNED.items() <= labels.items() else None


def component_labels(name: str) -> dict[str, str]:
    """Return the label of a component's own Service; the operator's headless Service for the same pods lacks it."""
    return {"monitoring/piece": name}


def pod_labels(kind: str, instance: str) -> dict[str, str]:
    """Return the labels of the pods that the operator runs for the custom resource `instance`."""
    return {"app.kubernetes.io/name": kind, "app.kubernetes.io/instance": instance}


def relabelings(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the relabelings that add these labels to every series of a target."""
    return [{"targetLabel": label, "replacement": value} for label, value in labels.items()]
