"""Fields that the specs of the Prometheus and Alertmanager resources share."""

from typing import Any, Final

from common.labels import pod_labels
from manifests.charts import Image
from manifests.pod_security import pod_security
from settings.resources import Resources

# Any user except root meets the restricted pod security standard; the group owns the volume.
_SECURITY: Final = {**pod_security(1000, 2000), "fsGroupChangePolicy": "OnRootMismatch"}

# The program creates the claims, so this template is never used. It is the same in all stacks, because for a changed
# template the operator deletes the StatefulSet, and all replicas at once with it.
STORAGE: Final = {
    "volumeClaimTemplate": {
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
}


def operated_pod_fields(
    kind: str,
    image: Image,
    environment: str,
    replicas: int,
    resources: Resources,
    service_account: str,
    *,
    shards: int = 1,
) -> dict[str, Any]:
    """Return the fields that configure the pods of `kind` (prometheus, alertmanager)."""
    return {
        "version": image.version,
        "image": image.reference(environment),
        "replicas": replicas,
        "resources": resources.specification,
        "serviceAccountName": service_account,
        "securityContext": dict(_SECURITY),
        "podMetadata": {"labels": {"app.kubernetes.io/part-of": "monitoring"}},
        # Preferred, not required, so that the stack also runs on a cluster with one node.
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": key,
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": pod_labels(kind, kind)},
                # Spread the replicas of each shard, not the pods of all shards together.
                **({"additionalLabelSelectors": "OnShard"} if shards > 1 else {}),
            }
            for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
        ],
    }
