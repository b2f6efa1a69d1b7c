"""Pods of an instance: whether they are simulated, why they do not start, and what they log."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from verification.model import UNREADY_SECONDS, Deviation, LogSource, one_line

# Annotation of the nodes that KWOK simulates. Addresses of their pods do not exist, or belong to another machine.
_SIMULATED: Final = "kwok.x-k8s.io/node"
# Reasons for which a container waits although its pod is scheduled and its volumes are mounted.
_NOT_STARTING: Final = frozenset(
    {
        *("CreateContainerConfigError", "CreateContainerError"),
        *("ImagePullBackOff", "ErrImagePull", "InvalidImageName"),
    }
)
# An error as Prometheus, Alertmanager and the operator log it.
_ERROR: Final = re.compile(r'\b(?:level=(?:error|warn|info)\b.*)?\berr(?:or)?=("(?:[^"\\]|\\.)*"|\S+)', re.IGNORECASE)


def is_simulated_node(node: Mapping[str, Any] | None) -> bool:
    """Return whether KWOK simulates a node and its pods."""
    return node is not None and _SIMULATED in node["metadata"].get("annotations", {})


def start_deviations(pod: Mapping[str, Any]) -> Iterator[Deviation]:
    """Yield a deviation for each container that does not start, or stops again and again."""
    name = pod["metadata"]["name"]
    for status in pod.get("status", {}).get("containerStatuses", []):
        container, waiting = status["name"], status.get("state", {}).get("waiting") or {}
        text = f"pod {name}: container {container} does not start"
        if waiting.get("reason") in _NOT_STARTING:
            message = one_line(f"{waiting['reason']}: {waiting.get('message', '')}")
            yield Deviation(f"{text}: {message}", UNREADY_SECONDS)
        elif not status.get("ready") and status.get("restartCount", 0) > 0:
            # Without the reason, which is another one while the container runs for a moment between two crashes.
            log = LogSource(name, container, previous=True)
            yield Deviation(f"{text}: it stops again and again", UNREADY_SECONDS, log)


def last_error(lines: Iterable[str], *, about: str = "") -> str:
    """Return the error of the last log line that has one and contains the text `about`; empty if there is none."""
    found = ""
    for line in lines:
        if about in line and (match := _ERROR.search(line)):
            found = match[1][1:-1].replace('\\"', '"') if match[1].startswith('"') else match[1]
    return one_line(found)
