"""Questions about a new stack, in their order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from operations.init.platforms import PLATFORMS, platform_of
from settings.fields import IN_GRAFANA

# By name of the question. A list is separated by commas.
Answers = Mapping[str, str]

# Answers of `channels`, and the setting of each.
CHANNELS: Final[Mapping[str, str]] = {
    "slack": "slack",
    "pagerduty": "pagerduty",
    "mail": "email",
    "dead-mans-switch": "deadMansSwitch",
}
PASSPHRASE: Final = "passphrase"
# The answer that stands for nothing.
NOTHING: Final = "-"
_SERVICES: Final = "api,worker,webhook-dispatcher"


@dataclass(frozen=True, kw_only=True)
class Context:
    """What is known before the first question.

    Attributes:
        kube_context: Current context of the kubeconfig; empty without one.
        runbooks_url: Address of this repository's files at its Git host; empty if unknown.
    """

    kube_context: str = ""
    runbooks_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question about a stack.

    Attributes:
        name: Name of its option, and its key in a file of answers.
        text: The question.
        settings: Settings that the answer decides, whose problems are therefore problems of the answer.
        default: Answer to an empty input; None if there is none.
        choices: Allowed answers, if the settings do not say it.
        is_list: Whether several choices, separated by commas, are one answer.
        is_asked: Whether the answers before make it necessary.
        hint: What helps to answer it.
    """

    name: str
    text: str
    settings: tuple[str, ...] = ()
    default: Callable[[Answers, Context], str | None] = lambda answers, context: None
    choices: tuple[str, ...] = ()
    is_list: bool = False
    is_asked: Callable[[Answers], bool] = lambda answers: True
    hint: Callable[[Answers], str] = lambda answers: ""


def items(answer: str) -> list[str]:
    """Return the items of an answer that is a list."""
    return [item for each in answer.split(",") if (item := each.strip())]


def _uses(channel: str) -> Callable[[Answers], bool]:
    return lambda answers: channel in items(answers.get("channels", ""))


QUESTIONS: Final = (
    Question(name="platform", text="Platform of the cluster", choices=tuple(PLATFORMS)),
    Question(
        name="kind",
        text="Kind of environment",
        choices=("production", "test"),
        default=lambda answers, _: "test" if platform_of(answers).is_test else "production",
        hint=lambda _: "test: a week of metrics; volumes are deleted with the stack",
    ),
    Question(
        name="context",
        text="Context of the kubeconfig",
        settings=("cluster.context",),
        default=lambda _, context: context.kube_context or None,
    ),
    Question(
        name="namespace",
        text="Namespace, which the stack creates",
        settings=("namespace",),
        default=lambda *_: "monitoring",
    ),
    Question(
        name="storage-class",
        text="Storage class of the volumes, - for the cluster's default",
        settings=tuple(f"{each}.storage.storageClass" for each in ("prometheus", "alertmanager", "grafana")),
        default=lambda answers, _: platform_of(answers).storage_class or NOTHING,
        hint=lambda answers: platform_of(answers).storage_hint,
    ),
    Question(
        name="channels",
        text="Notification channels",
        settings=("notifications", "notifications.pagerduty"),
        choices=tuple(CHANNELS),
        is_list=True,
        hint=lambda _: "at least slack or mail",
    ),
    Question(
        name="slack-access",
        text="Access to Slack",
        choices=("webhooks", "bot"),
        default=lambda *_: "webhooks",
        is_asked=_uses("slack"),
        hint=lambda _: "one webhook per channel, or one bot token for #bais-critical, #bais-alerts and #bais-security",
    ),
    Question(
        name="mail-server",
        text="Mail server and port",
        settings=("notifications.email.smarthost",),
        is_asked=_uses("mail"),
    ),
    Question(
        name="mail-from",
        text="Sender of the mail",
        settings=("notifications.email.from",),
        is_asked=_uses("mail"),
    ),
    Question(
        name="mail-to",
        text="Mailbox of the on-call team",
        settings=("notifications.email.onCall",),
        is_asked=_uses("mail"),
    ),
    Question(
        name="existing-secret",
        text="Secret in the cluster with the credentials, - to enter them here",
        settings=("notifications.existingSecret",),
        default=lambda *_: NOTHING,
    ),
    Question(
        name="grafana-url",
        text="Address at which people open Grafana",
        settings=("links.grafana",),
        default=lambda *_: "http://localhost:3000",
        hint=lambda _: "the default is that of a port-forward; an Ingress needs https",
    ),
    Question(
        name="tls-secret",
        text="Secret with the certificate of that host, which creates an Ingress, - for none",
        settings=("grafana.ingress.tlsSecret", "links.grafana"),
        default=lambda *_: NOTHING,
        is_asked=lambda answers: answers.get("grafana-url", "").startswith("https://"),
    ),
    Question(
        name="runbooks-url",
        text="Address of the folder that contains runbooks/, or grafana",
        settings=("links.runbooks",),
        default=lambda _, context: context.runbooks_url or IN_GRAFANA,
        hint=lambda _: "alerts link to <address>/runbooks/<Alert>.md; grafana: to dashboards of the stack",
    ),
    Question(
        name="services",
        text="BAIS services that run in the cluster, - for none",
        settings=("services",),
        default=lambda answers, _: NOTHING if platform_of(answers).is_test else _SERVICES,
        hint=lambda _: "a missing one is an alert",
    ),
    Question(
        name="secrets-provider",
        text="Encryption of the secrets: passphrase, or <kind>://<key>",
        default=lambda *_: PASSPHRASE,
        hint=lambda _: "kinds: awskms, azurekeyvault, gcpkms, hashivault",
    ),
)
