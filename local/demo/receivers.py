"""The fake receivers of the demo platform as one process that logs messages.

python -m local.demo.receivers FOLDER ADDRESS HTTPS_PORT MAIL_PORT CERTIFICATE KEY
"""

from __future__ import annotations

import ssl
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.demo.fake_receivers import Inbox, http_receivers, mail_receiver
from local.demo.message_log import LoggedMessage, append_message, message_title


@dataclass
class LoggingInbox(Inbox):
    """An inbox that writes messages to the log file.

    Attributes:
        folder: Folder of the log file.
    """

    folder: Path = field(kw_only=True)
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, address: str, *, resolved: bool, parts: Mapping[str, Any], path: str = "") -> None:
        """Log a message."""
        super().accept(address, resolved=resolved, parts=parts, path=path)
        text = self.messages.pop().text
        self._write(
            LoggedMessage(
                at=_now(), address=address, title=message_title(parts), resolved=resolved, path=path, text=text
            )
        )

    def refuse(self, what: str) -> None:
        """Log a refused request."""
        self._write(LoggedMessage(at=_now(), address="", title=what))

    def _write(self, message: LoggedMessage) -> None:
        with self._writing:
            append_message(self.folder, message)


def main() -> None:
    """Run the receivers until the process is stopped."""
    folder, address, https_port, mail_port, certificate, key = sys.argv[1:]
    inbox = LoggingInbox(folder=Path(folder))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with (
        http_receivers(inbox, address, int(https_port), context),
        mail_receiver(inbox, int(mail_port), Path(certificate), Path(key), tls=True, host=address),
    ):
        threading.Event().wait()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


if __name__ == "__main__":
    main()
