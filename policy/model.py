"""What a check is: a name, a sentence, and a pure function from resources to faults."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from common.problems import Fault

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
    judge: Callable[[Resource, str], Iterator[Fault]]


@dataclass(frozen=True, kw_only=True)
class StackCheck:
    """A check of how resources fit together; the engine runs it at the end, in an update after all changes."""

    name: str
    description: str
    judge: Callable[[Sequence[Resource]], Iterator[tuple[Resource, Fault]]]


def message(resource: Resource, fault: Fault) -> str:
    """One line that names the resource, what was found and what is allowed."""
    return f"{resource.kind.rpartition(':')[2]} {resource.name}: {fault}"


def fault(key: str, found: object, allowed: str) -> Fault:
    """A fault with whatever was found, as one writes it in YAML."""
    if found is None:
        return Fault(key, "nothing", allowed)
    if isinstance(found, bool):
        return Fault(key, str(found).lower(), allowed)
    return Fault(key, f"{found:g}" if isinstance(found, float) else str(found), allowed)
