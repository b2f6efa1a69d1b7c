"""A value for every credential: of the right shape, and found again wherever it leaks."""

import base64
import hashlib
from collections.abc import Iterable

from settings.credentials import Credential


def canary(credential: Credential) -> str:
    """A value that this credential may have and nothing else has."""
    mark = f"canary-{credential.file}"
    values = (mark, f"https://{mark}.example/", f"xoxb-{mark}", hashlib.md5(mark.encode()).hexdigest())
    return next(value for value in values if credential.format.accepts(value))


def leaked_credentials(credentials: Iterable[Credential], text: str) -> set[str]:
    """The keys of those credentials whose canary stands in a text, plainly or in base64."""
    return {
        credential.key
        for credential in credentials
        if (value := canary(credential)) in text or base64.b64encode(value.encode()).decode() in text
    }
