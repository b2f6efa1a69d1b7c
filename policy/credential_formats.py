"""Formats of credentials, each with its name and the source of its shape.

Most have a fixed prefix, so that scanners find them. `gitleaks` as a source is the rule of that name in the
configuration of gitleaks (https://github.com/gitleaks/gitleaks, config/gitleaks.toml, MIT).
"""

import functools
import re
from typing import Final

# Name, regular expression, source.
FORMATS: Final = (
    (
        "private key",
        r"-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----",
        "RFC 7468, section 10; gitleaks private-key",
    ),
    (
        "private key in base64",
        r"\bLS0tLS1CRUdJTi[A-Za-z0-9+/]{0,60}(?:UFJJVkFURSBLRV|QUklWQVRFIEtF|BSSVZBVEUgS0VZ)",
        "RFC 4648",
    ),
    ("JSON Web Token", r"\beyJ[\w-]{10,}\.[\w-]{10,}\.", "RFC 7519; gitleaks jwt"),
    ("URL with a password", r"\w://[^\s/:@${]*:[^\s/@${]+@", "RFC 3986, section 3.2.1"),
    (
        "authorization header",
        r"(?i)\b(?:bearer|basic|geniekey)\s+(?=[\w.~+/-]*\d)[\w.~+/-]{16,}=*",
        "RFC 6750, section 2.1",
    ),
    ("Slack webhook", r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/\w", "gitleaks slack-webhook-url"),
    (
        "Slack token",
        r"\bxox[abceoprs]-[\w-]{8}|\bxapp-\d-\w{8}|\bxwfp-\w{8}",
        "gitleaks slack-bot-token, slack-app-token",
    ),
    ("PagerDuty key", r"\bR0[0-9A-Z]{30}\b|\bu\+[\w+-]{18}\b", "PagerDuty: integration keys, REST API keys"),
    (
        "PagerDuty address",
        r"events(?:\.eu)?\.pagerduty\.com/(?:integration|x-ere)/\w{20}",
        "PagerDuty: custom event transformers",
    ),
    ("Opsgenie address", r"api(?:\.eu)?\.opsgenie\.com/\S*[?&]apiKey=\w", "Opsgenie: API integration"),
    (
        "Microsoft Teams webhook",
        r"\.webhook\.office\.com/webhookb2/\w|\.logic\.azure\.com\S*[?&]sig=\w",
        "gitleaks microsoft-teams-webhook",
    ),
    ("Discord webhook", r"discord(?:app)?\.com/api/webhooks/\d+/\w", "Discord: execute webhook"),
    ("Telegram token", r"\b\d{8,10}:AA[\w-]{33}\b", "gitleaks telegram-bot-api-token"),
    (
        "dead man's switch",
        r"hc-ping\.com/[0-9a-f]{8}-|\bnosnch\.in/\w",
        "Healthchecks.io and Dead Man's Snitch: ping addresses",
    ),
    (
        "Grafana token",
        r"\bgl(?:sa|c)_[\w+/]{20}|\beyJrIjoi[\w+/]{20}",
        "gitleaks grafana-service-account-token, -cloud-api-token, -api-key",
    ),
    ("AWS key", r"\b(?:A3T[0-9A-Z]|AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b", "gitleaks aws-access-token"),
    (
        "Google Cloud key",
        r"\bAIza[\w-]{35}|\bGOCSPX-[\w-]{20}|\"private_key_id\"\s*:",
        "gitleaks gcp-api-key; Google Cloud: service account keys",
    ),
    (
        "Azure key",
        r"\b(?:AccountKey|SharedAccessKey)=[\w+/]{20}|[?&]sig=[\w%+/]{20}",
        "Azure Storage: connection strings, SAS",
    ),
    ("Azure client secret", r"(?<![\w~.])[\w~.]{3}\dQ~[\w~.-]{31,34}", "gitleaks azure-ad-client-secret"),
    ("GitHub token", r"\bgh[oprsu]_\w{20}|\bgithub_pat_\w{20}", "gitleaks github-pat, github-fine-grained-pat"),
    ("GitLab token", r"\bgl(?:pat|dt|rt|ptt)-[\w-]{20}", "gitleaks gitlab-pat"),
    ("Vault token", r"\bhv[sb]\.[\w-]{20}", "gitleaks vault-service-token, vault-batch-token"),
    ("SendGrid key", r"\bSG\.[\w-]{16,}\.[\w-]{16,}", "gitleaks sendgrid-api-token"),
    ("Stripe key", r"\b[sr]k_(?:live|test)_\w{10}", "gitleaks stripe-access-token"),
)

_COMPILED: Final = tuple((name, re.compile(pattern)) for name, pattern, _ in FORMATS)


@functools.lru_cache(maxsize=256)  # A check reads the same text by its key and by its format, some of them long.
def credential_format(text: str) -> str | None:
    """Return the name of the first format of a credential in a text; None if it has none."""
    return next((name for name, pattern in _COMPILED if pattern.search(text)), None)
