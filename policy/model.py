"""What a check is: a name, a sentence, and a pure function from resources to problems."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from common.problems import Problem

OPERATOR: Final = "monitoring.coreos.com"
RELEASE: Final = "helm.sh:Release"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource as the engine is about to make it; `urn` is what the engine calls it."""

    type: str
    name: str
    properties: Mapping[str, Any]
    urn: str = ""

    @property
    def kind(self) -> str:
        """API group and kind without the version, `apps:Deployment`; empty for what is no Kubernetes object."""
        package, _, rest = self.type.partition(":")
        group, _, kind = rest.partition(":")
        return f"{group.partition('/')[0]}:{kind}" if package == "kubernetes" and kind else ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check of each resource by itself, in the environment of its stack."""

    name: str
    description: str
    validate: Callable[[Resource, str], Iterator[Problem]]


@dataclass(frozen=True, kw_only=True)
class StackCheck:
    """A check of how resources fit together; the engine runs it at the end, in an update after all changes."""

    name: str
    description: str
    validate: Callable[[Sequence[Resource]], Iterator[tuple[Resource, Problem]]]


def message(resource: Resource, problem: Problem) -> str:
    """One line that names the resource, what was found and what is allowed."""
    return f"{resource.kind.rpartition(':')[2]} {resource.name}: {problem}"


def problem(key: str, found: object, allowed: str) -> Problem:
    """A problem with whatever was found, as one writes it in YAML."""
    if found is None:
        return Problem(key, "nothing", allowed)
    if isinstance(found, bool):
        return Problem(key, str(found).lower(), allowed)
    return Problem(key, f"{found:g}" if isinstance(found, float) else str(found), allowed)
