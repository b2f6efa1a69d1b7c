"""Read access to the cluster with kubectl, which supports every login method of a kubeconfig."""

import subprocess
from typing import Final

_TIMEOUT_SECONDS: Final = 15


def kubectl_get(context: str | None, *arguments: str) -> str | None:
    """Return the output of `kubectl get`; None if kubectl is missing, fails or takes more than 15 s.

    `context` is a kubeconfig context (default: the current one).
    """
    try:
        result = subprocess.run(
            ["kubectl", "get", *arguments, *([f"--context={context}"] if context else [])],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return result.stdout
