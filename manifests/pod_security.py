"""Security contexts that meet the restricted pod security standard."""

from collections.abc import Mapping
from typing import Any, Final

CONTAINER_SECURITY: Final[Mapping[str, Any]] = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def pod_security(user: int, group: int) -> dict[str, Any]:
    """Return the security context of a pod with this user and group, also of volumes."""
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": group,
        "fsGroup": group,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
