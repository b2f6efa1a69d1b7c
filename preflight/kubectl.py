"""What kubectl, which logs in in every way that a kubeconfig knows, says of a cluster before anything is registered."""

import subprocess
from typing import Final

_SECONDS: Final = 15


def get_output(context: str | None, *arguments: str) -> str | None:
    """What `kubectl get` prints, None where it is missing, refused or takes more than 15 s.

    `context` is that of the kubeconfig (default: the current one).
    """
    try:
        answer = subprocess.run(
            ["kubectl", "get", *arguments, *([f"--context={context}"] if context else [])],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout
