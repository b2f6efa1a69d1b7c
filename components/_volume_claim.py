"""PersistentVolumeClaims, which can grow in place and outlive the stack."""

from collections.abc import Mapping
from typing import Final

import pulumi
from pulumi_kubernetes import core, meta

from components._adoption import ADOPT_EXISTING
from manifests.volume_claims import PlannedClaim

_ANNOTATIONS: Final = {
    **ADOPT_EXISTING,
    # With volumeBindingMode WaitForFirstConsumer a new claim is bound only after its first pod, which comes later.
    "pulumi.com/skipAwait": "true",
}


def volume_claim(
    planned: PlannedClaim, namespace: str, *, labels: Mapping[str, str], retain_data: bool, opts: pulumi.ResourceOptions
) -> core.v1.PersistentVolumeClaim:
    """Create the claim of one pod, or adopt an existing one with its data.

    With `retain_data`, neither `pulumi destroy` nor a lower number of replicas deletes it.
    """
    claim_opts = pulumi.ResourceOptions(
        retain_on_delete=retain_data,
        # A changed storage class would replace the claim and lose its data. Preflight rejects the change.
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
        opts=pulumi.ResourceOptions.merge(opts, claim_opts),
    )
