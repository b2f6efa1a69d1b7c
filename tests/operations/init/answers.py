"""Answers about a new stack, and a secret of each format."""

from typing import Final

from settings.credentials import CREDENTIALS

ANSWERS: Final = {
    "platform": "kind",
    "context": "kind-qa",
    "channels": "slack,pagerduty,mail,dead-mans-switch",
    "mail-server": "smtp.example.com:587",
    "mail-from": "monitoring@example.com",
    "mail-to": "on-call@example.com",
    "runbooks-url": "https://git.example.com/monitoring/blob/main",
}
# By file name; each contains the word CANARY, which no output and no argument of a process may contain.
SECRETS: Final = {
    each.file: {"slack-bot-token": "xoxb-CANARY", "pagerduty-routing-key": "CANARY".ljust(32, "0")}.get(
        each.file, f"https://hooks.example.com/CANARY/{each.file}"
    )
    for each in CREDENTIALS
}
