"""Security contexts of pods and containers, as the restricted pod security standard requires."""

from collections.abc import Mapping
from typing import Any, Final

CONTAINER_SECURITY: Final[Mapping[str, Any]] = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def pod_security(user: int, group: int) -> dict[str, Any]:
    """Return the security context of a pod that runs as this user, and whose volumes this group owns."""
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": group,
        "fsGroup": group,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
