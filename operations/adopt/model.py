"""What a migration finds, and its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import click

from preflight.cluster_state import KubernetesObject


class AdoptError(click.ClickException):
    """The migration cannot be planned or continued; the message says why."""

    exit_code = 2


class Outcome(StrEnum):
    """What happens to something of the previous stack."""

    KEPT = "kept"
    CHANGES = "changes"
    UNKNOWN = "unknown"
    BLOCKS = "blocks"


class State(StrEnum):
    """State of a step."""

    DONE = "done"
    TODO = "to do"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something of the previous stack, and what happens to it.

    Attributes:
        section: Section of the report, such as `rules`.
        outcome: What happens to it.
        text: What was found, in one line.
        action: What to do; empty if nothing.
        names: Names of the objects, for the JSON output.
    """

    section: str
    outcome: Outcome
    text: str
    action: str = ""
    names: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of the migration with its result.

    Attributes:
        name: Name.
        state: State.
        text: Result, in one line.
        actions: What to do, one line each; empty if nothing.
    """

    name: str
    state: State
    text: str
    actions: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class PreviousStack:
    """A running kube-prometheus-stack that this stack replaces, with the objects that it selects.

    Attributes:
        namespace: Its namespace.
        release: Name of its Helm release; empty if its objects name none.
        chart: Chart with version; empty if its objects name none.
        prometheuses: Its Prometheus resources.
        alertmanagers: Its Alertmanager resources.
        objects: Objects of all namespaces by plural, such as `prometheusrules`.
        claims: Volume claims of its namespace.
        services: Services of its namespace.
        configurations: Alertmanager configuration by the name of the resource; without those that cannot be read.
        unread: What could not be read, by plural, with the reason.
    """

    namespace: str
    release: str
    chart: str
    prometheuses: Sequence[KubernetesObject]
    alertmanagers: Sequence[KubernetesObject]
    objects: Mapping[str, Sequence[KubernetesObject]] = field(default_factory=dict)
    claims: Sequence[KubernetesObject] = ()
    services: Sequence[KubernetesObject] = ()
    configurations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Return its name in the report."""
        return f"{self.namespace}/{self.release or 'without a Helm release'}"


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that one run found and did.

    Attributes:
        stack: Name of the stack.
        previous: The stack that it replaces.
        findings: What is kept and what changes.
        settings: Settings that are missing, as YAML; empty without any.
        steps: Steps with their results.
        removal: Commands that remove what is left of the previous stack.
        is_applied: Whether the steps were to be done.
    """

    stack: str
    previous: PreviousStack
    findings: Sequence[Finding]
    settings: str
    steps: Sequence[Step]
    removal: Sequence[str]
    is_applied: bool

    @property
    def is_blocked(self) -> bool:
        """Return whether something must change before the migration can continue."""
        is_blocked = any(finding.outcome is Outcome.BLOCKS for finding in self.findings)
        return bool(self.settings) or is_blocked or any(step.state is State.BLOCKED for step in self.steps)

    @property
    def exit_code(self) -> int:
        """Return 1 if something blocks, failed or was to be done and is not, else 2 if something is unknown, else 0."""
        outcomes = {finding.outcome for finding in self.findings}
        states = {step.state for step in self.steps}
        is_incomplete = self.is_applied and State.TODO in states
        if self.is_blocked or State.FAILED in states or is_incomplete:
            return 1
        return 2 if Outcome.UNKNOWN in outcomes or State.UNKNOWN in states else 0


def some(names: Iterable[str], most: int = 3) -> str:
    """Return the first names, and the number of all others."""
    listed = list(names)
    rest = f" and {len(listed) - most} more" if len(listed) > most else ""
    return f"{', '.join(listed[:most])}{rest}"
