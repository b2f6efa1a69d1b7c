"""What the pods and containers of every chart may do: as little as the restricted pod security standard asks."""

from collections.abc import Mapping
from typing import Any, Final

CONTAINER_SECURITY: Final[Mapping[str, Any]] = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def pod_security(user: int, group: int) -> dict[str, Any]:
    """The security context of a pod that runs as this user, and whose volumes this group owns."""
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": group,
        "fsGroup": group,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
