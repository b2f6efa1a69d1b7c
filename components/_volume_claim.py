"""Volume claims: resources of the program with a diff of their own, growth in place, and data that may outlive it."""

from collections.abc import Mapping
from typing import Final

import pulumi
from pulumi_kubernetes import core, meta

from manifests.volume_claims import PlannedClaim

TAKEN_OVER: Final[Mapping[str, str]] = {"pulumi.com/patchForce": "true"}
"""On what may be there already, with fields of whoever made it: an earlier run of the stack, or a StatefulSet."""

_ANNOTATIONS: Final = {
    **TAKEN_OVER,
    # A class may bind its claims at first use, and the first pod comes after them. One that was taken over is bound.
    "pulumi.com/skipAwait": "true",
}


def volume_claim(
    planned: PlannedClaim, namespace: str, *, labels: Mapping[str, str], retain_data: bool, opts: pulumi.ResourceOptions
) -> core.v1.PersistentVolumeClaim:
    """A claim of one volume for one pod; with `retain_data`, neither `pulumi destroy` nor fewer replicas delete it.

    A claim that exists under this name is taken over with its data.
    """
    own = pulumi.ResourceOptions(
        retain_on_delete=retain_data,
        # A changed class would be a new claim in place of the old one, and its data gone. Preflight refuses it instead.
        ignore_changes=["spec.storageClassName"],
    )
    return core.v1.PersistentVolumeClaim(
        planned.name,
        metadata=meta.v1.ObjectMetaArgs(
            name=planned.name, namespace=namespace, labels=labels, annotations=_ANNOTATIONS
        ),
        spec=core.v1.PersistentVolumeClaimSpecArgs(
            access_modes=["ReadWriteOnce"],
            resources=core.v1.VolumeResourceRequirementsArgs(requests={"storage": planned.size}),
            storage_class_name=planned.storage_class,
        ),
        opts=pulumi.ResourceOptions.merge(opts, own),
    )
