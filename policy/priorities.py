"""Which pods stay when a node runs full."""

from collections.abc import Iterator
from typing import Final

from common.problems import Problem
from policy.model import Resource, problem
from policy.pods import pod

_CLASS: Final = "scheduling.k8s.io:PriorityClass"


def has_priority_class(resource: Resource, environment: str) -> Iterator[Problem]:
    """A pod without a class is the first to go when a node runs full, and monitoring is missing when it is needed."""
    if (found := pod(resource)) and not found[1].get("priorityClassName"):
        yield problem(f"{found[0]}.priorityClassName", None, "the name of a priority class")


def is_not_default(resource: Resource, environment: str) -> Iterator[Problem]:
    """A class of the stack is none that every other pod of the cluster gets."""
    if resource.kind == _CLASS and resource.properties.get("globalDefault"):
        yield problem("globalDefault", True, "false")
