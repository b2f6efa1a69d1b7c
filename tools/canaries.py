"""Canary values for credentials, recognised wherever they leak."""

import base64
import hashlib
from collections.abc import Iterable

from settings.credentials import Credential
from settings.notifications import NotificationsSettings


def canary(credential: Credential) -> str:
    """Return a valid and unique value for a credential."""
    mark = f"canary-{credential.file}"
    values = (mark, f"https://{mark}.example/", f"xoxb-{mark}", hashlib.md5(mark.encode()).hexdigest())
    return next(value for value in values if credential.format.accepts(value))


def every_channel_flag() -> dict[str, bool]:
    """Return settings that enable every channel that a flag enables.

    These are all channels except Slack and e-mail.
    """
    fields = NotificationsSettings.model_fields.values()
    return {str(field.alias): True for field in fields if field.annotation is bool}


def leaked_credentials(credentials: Iterable[Credential], text: str) -> set[str]:
    """Return the keys of the credentials whose canary occurs in a text.

    Canaries are found in plain text and in base64.
    """
    return {
        credential.key
        for credential in credentials
        if (value := canary(credential)) in text or base64.b64encode(value.encode()).decode() in text
    }
