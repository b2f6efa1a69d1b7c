"""Data model of checks: name, description, and a pure function from resources to problems."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from common.problems import Problem

OPERATOR: Final = "monitoring.coreos.com"
RELEASE: Final = "helm.sh:Release"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource as the engine is about to create it, with its engine URN."""

    type: str
    name: str
    properties: Mapping[str, Any]
    urn: str = ""

    @property
    def kind(self) -> str:
        """Return API group and kind without the version, as `apps:Deployment`; empty for other resources."""
        package, _, rest = self.type.partition(":")
        group, _, kind = rest.partition(":")
        return f"{group.partition('/')[0]}:{kind}" if package == "kubernetes" and kind else ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check of single resources, in the environment of their stack."""

    name: str
    description: str
    validate: Callable[[Resource, str], Iterator[Problem]]


@dataclass(frozen=True, kw_only=True)
class StackCheck:
    """A check across resources. The engine runs it at the end, in an update after all changes."""

    name: str
    description: str
    validate: Callable[[Sequence[Resource]], Iterator[tuple[Resource, Problem]]]


def message(resource: Resource, problem: Problem) -> str:
    """Return one line with the resource, the value found and the allowed values."""
    return f"{resource.kind.rpartition(':')[2]} {resource.name}: {problem}"


def problem(key: str, found: object, allowed: str) -> Problem:
    """Return a problem with the value found, in YAML notation."""
    if found is None:
        return Problem(key, "nothing", allowed)
    if isinstance(found, bool):
        return Problem(key, str(found).lower(), allowed)
    return Problem(key, f"{found:g}" if isinstance(found, float) else str(found), allowed)
