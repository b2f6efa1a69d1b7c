"""Read access to the cluster with kubectl, which supports every login method of a kubeconfig."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any, Final

_TIMEOUT_SECONDS: Final = 15
_LONGEST_REASON: Final = 160
_FORBIDDEN: Final = "Error from server (Forbidden)"


class UnreadableError(Exception):
    """kubectl is missing, fails or takes too long; the message is the reason in one line.

    Attributes:
        is_refusal: Whether kubectl ran, and the API server refused at least a part of the call.
    """

    def __init__(self, reason: str, *, is_refusal: bool = False) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.is_refusal = is_refusal


def kubectl_get(context: str | None, *arguments: str) -> str | None:
    """Return the output of `kubectl get`; None if kubectl is missing, fails or takes more than 15 s.

    `context` is a kubeconfig context (default: the current one).
    """
    try:
        return _run(context, arguments)
    except UnreadableError:
        return None


def list_objects(context: str | None, *arguments: str) -> list[Mapping[str, Any]]:
    """Return the objects that `kubectl get` finds, with their field managers.

    Raises:
        UnreadableError: If it fails or takes more than 15 s.
    """
    output = _run(context, (*arguments, "--ignore-not-found", "--output=json", "--show-managed-fields"))
    content: dict[str, Any] = json.loads(output) if output else {"items": []}
    items: list[Mapping[str, Any]] = content.get("items", [content])
    return items


def _run(context: str | None, arguments: Sequence[str]) -> str:
    try:
        result = subprocess.run(
            ["kubectl", "get", *arguments, *([f"--context={context}"] if context else [])],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise UnreadableError("kubectl is not on PATH") from None
    except subprocess.TimeoutExpired:
        raise UnreadableError(f"no answer within {_TIMEOUT_SECONDS} s") from None
    except OSError as error:
        raise UnreadableError(f"kubectl cannot be run ({error.strerror})") from None
    if result.returncode:
        lines = result.stderr.strip().splitlines() or ["kubectl failed"]
        reason = "no permission" if _FORBIDDEN in lines[-1] else "".join(filter(str.isprintable, lines[-1]))
        reason = reason[:_LONGEST_REASON]
        raise UnreadableError(reason, is_refusal=lines[-1].startswith("Error from server"))
    return result.stdout
