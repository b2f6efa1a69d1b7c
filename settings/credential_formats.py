"""What each kind of credential looks like, as far as its issuer promises it."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class CredentialFormat:
    """What a credential has to match as a whole, and the same in words."""

    allowed: str
    pattern: str

    def accepts(self, value: str) -> bool:
        """Whether a value has this shape."""
        return re.fullmatch(self.pattern, value) is not None


def describe_length(value: str) -> str:
    """What was found, without a character of it."""
    return f"a text of {len(value)} characters" if value else "an empty text"


# Whoever sees such an address can post to it: unencrypted it may go to this very machine only, as in stack `local`.
WEBHOOK_URL: Final = CredentialFormat(
    allowed="an https address without blank space",
    pattern=r"https://[^\s/?#]+([/?]\S*)?|http://(127\.0\.0\.1|localhost)(:[0-9]+)?(/\S*)?",
)
# docs.slack.dev/authentication/tokens: a bot's token, which has the first prefix too where tokens are rotated.
SLACK_BOT_TOKEN: Final = CredentialFormat(
    allowed="a bot token of Slack, which begins with xoxb-", pattern=r"(xoxe\.)?xoxb-[A-Za-z0-9-]+"
)
# developer.pagerduty.com/docs/send-alert-event: the integration key of a service.
PAGERDUTY_ROUTING_KEY: Final = CredentialFormat(allowed="32 letters and digits", pattern=r"[A-Za-z0-9]{32}")
PASSWORD: Final = CredentialFormat(
    allowed="one line without blank space at its ends, which Alertmanager would cut off", pattern=r"\S(.*\S)?"
)
