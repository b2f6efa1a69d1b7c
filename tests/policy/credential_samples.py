"""One invented credential per format. They are put together here, so that no scanner takes this file for a leak."""

import base64
from collections.abc import Mapping
from typing import Final

_KEY: Final = "-----BEGIN {}PRIVATE" + " KEY-----\nMIIE\n"
_HEX: Final = "0123456789abcdef"
_TEXT: Final = "Ab1" * 14

SAMPLES: Final[Mapping[str, str]] = {
    "private key": _KEY.format("RSA "),
    "private key in base64": base64.b64encode(_KEY.format("").encode()).decode(),
    "JSON Web Token": "ey" + f"J{_TEXT}.ey{_TEXT}.{_TEXT}",
    "URL with a password": "postgres://exporter:" + f"{_HEX}@database:5432/bais",
    "authorization header": "Authorization: Bearer" + f" {_TEXT}",
    "Slack webhook": "https://hooks.slack" + f".com/triggers/T0/B0/{_HEX}",
    "Slack token": "xox" + f"b-123456789012-{_HEX}",
    "PagerDuty key": "R0" + "2A" * 15,
    "PagerDuty address": "https://events.pagerduty" + f".com/integration/{_HEX * 2}/enqueue",
    "Opsgenie address": "https://api.opsgenie" + f".com/v1/json/cloudwatch?apiKey={_HEX}",
    "Microsoft Teams webhook": "https://bais.webhook.office" + f".com/webhookb2/{_HEX}",
    "Discord webhook": "https://discord" + f".com/api/webhooks/123/{_HEX}",
    "Telegram token": "123456789" + ":AA" + "Ab1" * 11,
    "dead man's switch": "https://hc-ping" + ".com/01234567-89ab-cdef-0123-456789abcdef",
    "Grafana token": "gls" + f"a_{_TEXT}",
    "AWS key": "AKI" + "A2B3C4D5E6F7G8H9I",
    "Google Cloud key": "AIz" + "aSy" + "Ab1" * 11,
    "Azure key": "DefaultEndpointsProtocol=https;Account" + f"Key={_TEXT}==",
    "Azure client secret": "Ab1" + "8Q~" + "Ab1" * 10 + "xyz",
    "GitHub token": "gh" + f"p_{_TEXT}",
    "GitLab token": "glpa" + f"t-{_TEXT[:20]}",
    "Vault token": "hv" + f"s.{_TEXT}",
    "SendGrid key": "S" + f"G.{_TEXT[:22]}.{_TEXT}",
    "Stripe key": "sk_li" + f"ve_{_TEXT}",
}
# Texts that resemble credentials and are none.
HARMLESS: Final = (
    "-----BEGIN CERTIFICATE-----\nMIIE\n",
    base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIE\n").decode(),
    "https://grafana.bais.example/d/example?var-job=api",
    "https://hooks.slack.com/",
    "postgres://exporter:$(PASSWORD)@database:5432/bais",
    "basic authentication of the exporter",
    "Bearer token is missing, see the runbook",
    "sha256:" + _HEX * 4,
    _HEX * 2,
    "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))",
)
