"""Stacks of a checkout under the Automation API, and what the engine did or would do to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pulumi import automation

from local.tools import set_folder
from tests.engine.checkout import Checkout


def select(checkout: Checkout, name: str = "local", work: Path | None = None) -> automation.Stack:
    """The stack of this name of the program in `work` (the checkout's own if none is given)."""
    checkout.deployment.backend.mkdir(parents=True, exist_ok=True)
    return automation.create_or_select_stack(
        stack_name=name,
        work_dir=str(work or checkout.folder),
        opts=automation.LocalWorkspaceOptions(
            env_vars=checkout.deployment.environment() | {"PULUMI_STACK": name},
            pulumi_command=automation.PulumiCommand(root=str(set_folder())),
        ),
    )


def steps(act: Callable[..., object]) -> set[tuple[str, str]]:
    """Operation and logical name of every resource that `stack.up` or `stack.preview` changed or would change."""
    seen: set[tuple[str, str]] = set()

    def note(event: automation.EngineEvent) -> None:
        step = event.resource_pre_event
        if step is not None and step.metadata.op not in (automation.OpType.SAME, automation.OpType.READ):
            seen.add((str(step.metadata.op.value), step.metadata.urn.rpartition("::")[2]))

    act(on_event=note)
    return seen
