"""Verification at the end of `up` that the cluster runs what was deployed."""

import asyncio
import contextvars
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import pulumi

from verification.model import ClusterPlan
from verification.verify import VerificationError, verify

TOKEN: Final = "monitoring:index:Verification"


@dataclass(frozen=True, kw_only=True)
class VerificationArgs:
    """Arguments of the verification.

    Attributes:
        plan: What the cluster must run.
        after: All other components.
    """

    plan: ClusterPlan
    after: Sequence[pulumi.Resource]


class Verification(pulumi.ComponentResource):
    """The last component: every `up`, also one without changes, fails unless the cluster runs what was deployed.

    It has no resources, so a preview never shows it as changed.

    Attributes:
        verified: True at the end of a successful `up`; not set in a preview.
    """

    verified: pulumi.Output[bool]

    def __init__(self, name: str, args: VerificationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Verify the plan when all other components are complete; a preview does not."""
        super().__init__(TOKEN, name, None, opts)
        self._plan = args.plan
        self.register_outputs({})
        if not pulumi.runtime.is_dry_run():
            # Not as dependencies in the state: `pulumi state delete` would refuse to delete what another depends on.
            complete = pulumi.Output.all(*(resource.urn for resource in _without_components(args.after)))
            self.verified = complete.apply(self._verify)

    async def _verify(self, _urns: Sequence[str]) -> bool:
        # In a thread, because other resources of the program continue in the event loop, which also sends the messages.
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()

        def report(deviation: str) -> None:
            send = partial(pulumi.log.info, f"waiting: {deviation}", self, ephemeral=True)
            loop.call_soon_threadsafe(send, context=context)

        try:
            verified = await asyncio.to_thread(verify, self._plan, report)
        except VerificationError as error:
            raise pulumi.RunError(str(error)) from None
        for note in verified.notes:
            pulumi.log.info(note, self)
        for warning in verified.warnings:
            pulumi.log.warn(warning, self)
        return True


def _without_components(resources: Iterable[pulumi.Resource]) -> Iterator[pulumi.Resource]:
    """Yield the resources, and instead of a component, whose URN is known at once, those that it consists of."""
    for resource in resources:
        if isinstance(resource, pulumi.ComponentResource):
            yield from _without_components(resource._childResources)
        else:
            yield resource
