"""Checks of priority classes."""

from collections.abc import Iterator
from typing import Final

from common.problems import Problem
from policy.model import Resource, problem
from policy.pods import pod

_CLASS: Final = "scheduling.k8s.io:PriorityClass"


def has_priority_class(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require a priority class; pods without one are the first to be evicted from a full node."""
    if (found := pod(resource)) and not found[1].get("priorityClassName"):
        yield problem(f"{found[0]}.priorityClassName", None, "the name of a priority class")


def is_not_default(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid a priority class that is the cluster's default."""
    if resource.kind == _CLASS and resource.properties.get("globalDefault"):
        yield problem("globalDefault", True, "false")
