"""Log file of messages to the fake receivers, one JSON object per line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

LOG_FILE: Final = "received.jsonl"


@dataclass(frozen=True, kw_only=True)
class LoggedMessage:
    """A message in the log.

    Attributes:
        at: Time of arrival, ISO 8601.
        address: Channel, service or mail address; empty for a refused request.
        title: First line of the message, or the reason of the refusal.
        resolved: Whether it is a resolved notification.
        path: Path of the HTTP request.
        text: Whole message.
    """

    at: str
    address: str
    title: str
    resolved: bool = False
    path: str = ""
    text: str = ""


def append_message(folder: Path, message: LoggedMessage) -> None:
    """Append a message to the log."""
    with (folder / LOG_FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(message), ensure_ascii=False) + "\n")


def read_messages(folder: Path) -> list[LoggedMessage]:
    """Return all messages, oldest first; an incomplete last line is skipped."""
    if not (folder / LOG_FILE).exists():
        return []
    lines = (folder / LOG_FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    return [LoggedMessage(**json.loads(line)) for line in lines if line.endswith("\n")]


def message_title(parts: Mapping[str, Any]) -> str:
    """Return the first line of a message to any receiver."""
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
    """Return the latest firing or resolved message about an alert by address."""
    return {each.address: each for each in messages if alert in each.title and each.resolved == resolved}
