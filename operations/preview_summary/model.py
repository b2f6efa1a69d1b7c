"""Data model of a preview: the steps that the engine plans, and what it reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

SAME: Final = "same"
CREATE: Final = "create"
UPDATE: Final = "update"
DELETE: Final = "delete"
REPLACE: Final = "replace"

CLAIM: Final = "PersistentVolumeClaim"


class PreviewError(Exception):
    """The input is not the JSON of a preview, or a preview cannot be run."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A planned step on one resource.

    Attributes:
        operation: One of the constants of this module.
        type: Type of the resource, such as `kubernetes:core/v1:ConfigMap`.
        name: Logical name of the resource.
        old: Inputs before the step; None if the resource does not exist.
        new: Inputs after the step; None if the resource is deleted.
        is_retained: Whether a deletion leaves the object in the cluster.
        reasons: Properties that cause a replacement.
    """

    operation: str
    type: str
    name: str
    old: Mapping[str, Any] | None = None
    new: Mapping[str, Any] | None = None
    is_retained: bool = False
    reasons: Sequence[str] = ()

    @property
    def kind(self) -> str:
        """Return the last part of the type, such as `ConfigMap`."""
        return self.type.rpartition(":")[2]

    @property
    def is_object(self) -> bool:
        """Whether the resource exists outside the program: components, providers and the stack do not."""
        return not self.type.startswith(("monitoring:", "pulumi:"))

    @property
    def loses_data(self) -> bool:
        """Whether the step deletes a volume claim, and the data in it."""
        is_deleted = self.operation == REPLACE or (self.operation == DELETE and not self.is_retained)
        return self.kind == CLAIM and is_deleted


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What the engine reports of one preview.

    Attributes:
        stack: Name of the stack.
        steps: One step per resource, unchanged resources included.
        errors: Errors of the engine, the program and the providers.
        violations: Violations of mandatory policies.
        warnings: Warnings of the engine, the program and the policies.
    """

    stack: str
    steps: Sequence[Step]
    errors: Sequence[str] = ()
    violations: Sequence[str] = ()
    warnings: Sequence[str] = ()

    @property
    def changes(self) -> list[Step]:
        """Return the steps that change an object."""
        return [step for step in self.steps if step.operation != SAME and step.is_object]
