"""Fields that the operator's two custom resources have in common."""

from typing import Any, Final

from common.labels import pod_labels
from manifests.charts import Image
from manifests.pod_security import pod_security
from settings.resources import Resources

# Any user but root, as the restricted pod security standard asks; the group owns the volume.
_SECURITY: Final = {**pod_security(1000, 2000), "fsGroupChangePolicy": "OnRootMismatch"}


# The program makes the claims, so nothing is made from this template. It has no size or class of a stack in it: for a
# changed one the operator would delete the StatefulSet, and all replicas at once with it.
STORAGE: Final = {
    "volumeClaimTemplate": {
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
}


def operated_pod_fields(
    kind: str, image: Image, replicas: int, resources: Resources, service_account: str, *, shards: int = 1
) -> dict[str, Any]:
    """Return the fields that decide how the pods of `kind` (prometheus, alertmanager) run."""
    return {
        "version": image.version,
        "image": str(image),
        "replicas": replicas,
        "resources": resources.specification,
        "serviceAccountName": service_account,
        "securityContext": dict(_SECURITY),
        "podMetadata": {"labels": {"app.kubernetes.io/part-of": "monitoring"}},
        # Preferred, not required: a cluster of one node runs the stack too.
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": key,
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": pod_labels(kind, kind)},
                # Replicas of one shard apart, not just any two pods.
                **({"additionalLabelSelectors": "OnShard"} if shards > 1 else {}),
            }
            for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
        ],
    }
