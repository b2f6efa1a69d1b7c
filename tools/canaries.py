"""Values for every credential: in its format, and recognisable wherever they leak."""

import base64
import hashlib
from collections.abc import Iterable

from settings.credentials import Credential
from settings.notifications import NotificationsSettings


def canary(credential: Credential) -> str:
    """A value that this credential may have and nothing else has."""
    mark = f"canary-{credential.file}"
    values = (mark, f"https://{mark}.example/", f"xoxb-{mark}", hashlib.md5(mark.encode()).hexdigest())
    return next(value for value in values if credential.format.accepts(value))


def every_channel_flag() -> dict[str, bool]:
    """Return the notifications that enable every channel whose switch is a flag: all but Slack and e-mail."""
    fields = NotificationsSettings.model_fields.values()
    return {str(field.alias): True for field in fields if field.annotation is bool}


def leaked(credentials: Iterable[Credential], text: str) -> set[str]:
    """The keys of those credentials whose canary stands in a text, plainly or in base64."""
    return {
        credential.key
        for credential in credentials
        if (value := canary(credential)) in text or base64.b64encode(value.encode()).decode() in text
    }
