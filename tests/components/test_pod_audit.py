import copy
from typing import Any, Final

import pytest

from tests.pod_audit import findings

GOOD: Final[dict[str, Any]] = {
    "spec": {
        "priority": 1,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        "volumes": [{"name": "data", "projected": {"sources": [{"secret": {"name": "example"}}]}}],
        "containers": [
            {
                "name": "main",
                "image": "registry.example:5000/example:1.2.3",
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
                "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
            }
        ],
    }
}
TOKEN: Final = {"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}
SECURITY: Final = "containers.0.securityContext"


def changed(path: str, value: object) -> dict[str, Any]:
    pod = copy.deepcopy(GOOD)
    *parents, last = path.split(".")
    node: Any = pod["spec"]
    for key in parents:
        node = node[int(key)] if isinstance(node, list) else node[key]
    node[last] = value
    return pod


def test_a_hardened_pod_has_no_finding() -> None:
    assert list(findings(GOOD)) == []


@pytest.mark.parametrize(
    ("path", "value", "finding"),
    [
        ("hostNetwork", True, "hostNetwork"),
        ("hostPID", True, "hostPID"),
        ("volumes", [{"name": "root", "hostPath": {"path": "/"}}], "hostPath"),
        ("volumes", [TOKEN], "service account token"),
        ("priority", 0, "no priority"),
        ("securityContext.runAsNonRoot", False, "main: may be root"),
        ("securityContext.runAsUser", 0, "main: may be root"),
        (f"{SECURITY}.runAsUser", 0, "main: may be root"),
        ("securityContext.seccompProfile", {"type": "Unconfined"}, "main: no seccomp profile"),
        (f"{SECURITY}.readOnlyRootFilesystem", False, "main: writable root file system"),
        (f"{SECURITY}.allowPrivilegeEscalation", None, "main: may gain privileges"),
        (f"{SECURITY}.privileged", True, "main: may gain privileges"),
        (f"{SECURITY}.capabilities", {"drop": ["NET_RAW"]}, "main: capabilities"),
        (f"{SECURITY}.capabilities", {"drop": ["ALL"], "add": ["NET_RAW"]}, "main: capabilities"),
        ("containers.0.resources.limits", {"cpu": "1"}, "main: no limits.memory"),
        ("containers.0.image", "example:latest", "main: image example:latest"),
        ("containers.0.image", "example", "main: image example"),
        ("initContainers", [{**GOOD["spec"]["containers"][0], "name": "first", "image": "x"}], "first: image x"),
    ],
)
def test_each_violation_is_found(path: str, value: object, finding: str) -> None:
    assert list(findings(changed(path, value))) == [finding]
