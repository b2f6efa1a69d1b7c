"""What the receivers of the demo platform got, on file: a line each, as long as the environment's data stay."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

LOG_FILE: Final = "received.jsonl"


@dataclass(frozen=True, kw_only=True)
class LoggedMessage:
    """One message: when, at which address, whether it says that something is over, its first line, and all of it.

    `path` is what was posted to. A message that was refused has no address: `title` says what was wrong.
    """

    at: str
    address: str
    title: str
    resolved: bool = False
    path: str = ""
    text: str = ""


def append_message(folder: Path, message: LoggedMessage) -> None:
    """Add a message."""
    with (folder / LOG_FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(message), ensure_ascii=False) + "\n")


def read_messages(folder: Path) -> list[LoggedMessage]:
    """All messages, the latest last; a line that is being written is not there yet."""
    if not (folder / LOG_FILE).exists():
        return []
    lines = (folder / LOG_FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    return [LoggedMessage(**json.loads(line)) for line in lines if line.endswith("\n")]


def message_title(parts: Mapping[str, Any]) -> str:
    """The first line of a message, whoever it was sent to."""
    if attachments := parts.get("attachments"):
        return str(attachments[0]["title"])
    if "payload" in parts:
        return str(parts["payload"]["summary"])
    if "alerts" in parts:
        return ", ".join(sorted({alert["labels"]["alertname"] for alert in parts["alerts"]}))
    return str(parts.get("subject", ""))


def messages_about(
    messages: Iterable[LoggedMessage], alert: str, *, resolved: bool = False
) -> dict[str, LoggedMessage]:
    """The latest message at each address that begins, or ends, with news of an alert."""
    return {each.address: each for each in messages if alert in each.title and each.resolved == resolved}
