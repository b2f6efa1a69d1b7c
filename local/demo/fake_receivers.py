"""Fake Slack, PagerDuty, dead man's switch and mail server.

They respond as the real ones and store what they get.
"""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import hashlib
import html
import json
import re
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from local.demo.server import Server

PAGERDUTY: Final = "PagerDuty"
SWITCH: Final = "dead man's switch"
# A webhook always posts to its own channel.
SLACK_WEBHOOKS: Final = {
    "/slack/critical": "#bais-critical",
    "/slack/warning": "#bais-alerts",
    "/slack/security": "#bais-security",
    "/slack/search": "#search-alerts",
}
ROUTING_KEY: Final = "0123456789abcdef0123456789abcdef"
BOT_TOKEN: Final = "xoxb-loopback"
PASSWORD: Final = "correct horse battery staple"
# Mark of a synthetic alert, by which its notifications are recognised.
MARK: Final = re.compile(r"\bmark-(\w+)-end\b")


def routing_key(team: str) -> str:
    """Return the routing key of the PagerDuty service of a team."""
    return hashlib.md5(team.encode(), usedforsecurity=False).hexdigest()


def team_pagerduty(team: str) -> str:
    """Return the address of the PagerDuty service of a team."""
    return f"{PAGERDUTY} of {team}"


@dataclass(frozen=True)
class Message:
    """A message that arrived.

    Attributes:
        at: Time of arrival in seconds of the monotonic clock.
        address: Channel, service or mail address.
        path: Path of the HTTP request; empty for mail.
        resolved: Whether it is a resolved notification.
        parts: Payload or parts of the mail.
        text: All parts as text.
        marks: Marks of the alerts in it.
    """

    at: float
    address: str
    path: str
    resolved: bool
    parts: Mapping[str, Any]
    text: str
    marks: frozenset[str]


@dataclass
class Inbox:
    """Stored messages and refused requests.

    Attributes:
        messages: Messages that arrived.
        refused: Descriptions of refused requests.
        teams: Teams with their own PagerDuty service.
        failing: Status and body of error responses by path; such a path stores no messages.
        rejected: Number of error responses by path.
    """

    messages: list[Message] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    teams: tuple[str, ...] = ()
    failing: dict[str, tuple[int, str]] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)

    def accept(self, address: str, *, resolved: bool, parts: Mapping[str, Any], path: str = "") -> None:
        """Store a message."""
        text = html.unescape(json.dumps(parts, ensure_ascii=False))
        # In JSON, the letter of an escaped line break would be a part of the word after it.
        marks = frozenset(MARK.findall(text.replace("\\n", " ")))
        self.messages.append(Message(time.monotonic(), address, path, resolved, parts, text, marks))

    def refuse(self, what: str) -> None:
        """Store the description of a refused request."""
        self.refused.append(what)

    def clear(self) -> None:
        """Delete the stored messages."""
        self.messages.clear()

    def received(self, *, resolved: bool = False) -> dict[str, list[str]]:
        """Return the sorted addresses by mark, one per message."""
        found: dict[str, list[str]] = {}
        for message in self.messages.copy():
            for mark in message.marks if message.resolved == resolved else ():
                found.setdefault(mark, []).append(message.address)
        return {mark: sorted(addresses) for mark, addresses in found.items()}


class _RefusedError(Exception):
    """A refused request: status and body of the response."""


@dataclass(frozen=True)
class _Post:
    """A request to a service.

    Attributes:
        inbox: Inbox for the message.
        requested: Path with the query.
        payload: JSON body.
        authorization: Header `Authorization`.
    """

    inbox: Inbox
    requested: str
    payload: Mapping[str, Any]
    authorization: str

    @property
    def path(self) -> str:
        return self.requested.partition("?")[0]

    def accept(self, address: str, *, resolved: bool, parts: Mapping[str, Any] | None = None) -> None:
        self.inbox.accept(address, resolved=resolved, parts=parts or self.payload, path=self.requested)


# Status and body of a documented response; errors are raised as _RefusedError.
_Response = tuple[int, str]


def _slack_webhook(post: _Post) -> _Response:
    attachments = post.payload.get("attachments")
    if not attachments or post.payload.get("channel") != SLACK_WEBHOOKS[post.path]:
        raise _RefusedError(400, "invalid_payload")
    post.accept(SLACK_WEBHOOKS[post.path], resolved=attachments[0]["title"].startswith("[RESOLVED]"))
    return 200, "ok"


def _slack_bot(post: _Post) -> _Response:
    # Slack responds with 200 even to errors.
    if post.authorization != f"Bearer {BOT_TOKEN}":
        raise _RefusedError(200, json.dumps({"ok": False, "error": "invalid_auth"}))
    channel, attachments = post.payload["channel"], post.payload["attachments"]
    post.accept(channel, resolved=attachments[0]["title"].startswith("[RESOLVED]"))
    return 200, json.dumps({"ok": True, "channel": channel, "ts": "1"})


def _pagerduty(post: _Post) -> _Response:
    event = post.payload.get("payload", {})
    services = {ROUTING_KEY: PAGERDUTY, **{routing_key(team): team_pagerduty(team) for team in post.inbox.teams}}
    if post.payload.get("routing_key") not in services or not {"summary", "source", "severity"} <= set(event):
        raise _RefusedError(400, json.dumps({"status": "invalid event", "message": "Event object is invalid"}))
    post.accept(services[post.payload["routing_key"]], resolved=post.payload["event_action"] == "resolve")
    key = post.payload["dedup_key"]
    return 202, json.dumps({"status": "success", "message": "Event processed", "dedup_key": key})


def _dead_mans_switch(post: _Post) -> _Response:
    post.accept(SWITCH, resolved=post.payload["status"] == "resolved")
    return 200, "OK"


# Handler by path.
_SERVICES: Final[Mapping[str, Callable[[_Post], _Response]]] = {
    **dict.fromkeys(SLACK_WEBHOOKS, _slack_webhook),
    "/api/chat.postMessage": _slack_bot,
    "/v2/enqueue": _pagerduty,
    "/switch": _dead_mans_switch,
}


def _respond(post: _Post) -> _Response:
    if (service := _SERVICES.get(post.path)) is None:
        raise _RefusedError(404, "no_service")
    return service(post)


def credential_values(services: str, teams: Iterable[str] = ()) -> dict[str, str]:
    """Return the credentials that the services at this address accept, by file name."""
    return {
        "slack-bot-token": BOT_TOKEN,
        **{f"pagerduty-routing-key-{team}": routing_key(team) for team in teams},
        "slack-critical-webhook-url": f"{services}/slack/critical",
        "slack-warning-webhook-url": f"{services}/slack/warning",
        "slack-security-webhook-url": f"{services}/slack/security",
        "pagerduty-routing-key": ROUTING_KEY,
        "smtp-password": PASSWORD,
        "dead-mans-switch-url": f"{services}/switch",
    }


def _handler(inbox: Inbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                if failure := inbox.failing.get(self.path):
                    inbox.rejected[self.path] += 1
                    self.answer(*failure)
                    return
                authorization = self.headers.get("Authorization", "")
                status, answer = _respond(_Post(inbox, self.path, json.loads(body), authorization))
            except _RefusedError as refused:
                status, answer = refused.args
                inbox.refuse(f"{self.path}: {answer}: {body.decode()}")
            self.answer(status, answer)

        def answer(self, status: int, answer: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json" if answer.startswith("{") else "text/plain")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *arguments: object) -> None:
            """Suppress the log of requests."""

    return Handler


@contextlib.contextmanager
def http_receivers(
    inbox: Inbox, host: str = "127.0.0.1", port: int = 0, context: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Run Slack, PagerDuty and the dead man's switch; yield their base URL.

    Args:
        inbox: Receives the messages.
        host: Address to listen on.
        port: Port to listen on; 0 for a free one.
        context: TLS context; None for plain HTTP.
    """
    with Server((host, port), _handler(inbox)) as server:
        if context:
            # The thread of the connection does the TLS handshake, so that an idle client does not block others.
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http{'s' if context else ''}://{host}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class _Mailbox:
    inbox: Inbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        if not session.authenticated:
            self.inbox.refuse(f"mail to {', '.join(envelope.rcpt_tos)} without a login")
            return "530 5.7.0 Authentication required"
        content = envelope.original_content or b""
        mail = email.message_from_bytes(content, policy=email.policy.default)
        texts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
        parts = {"subject": mail["Subject"], **{part.get_content_subtype(): part.get_content() for part in texts}}
        for address in envelope.rcpt_tos:
            self.inbox.accept(address, resolved=parts["subject"].startswith("[RESOLVED]"), parts=parts)
        return "250 OK"


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object) -> AuthResult:
    return AuthResult(success=isinstance(login, LoginPassword) and login.password == PASSWORD.encode())


class _Connection(SMTP):
    """An SMTP connection that records its transports, plain and TLS.

    So the server can abort them.
    """

    def __init__(self, *arguments: Any, transports: list[asyncio.BaseTransport], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transports.append(transport)
        super().connection_made(transport)


class _MailServer(Controller):
    """A mail server that closes every connection before it stops.

    The library leaves connections open.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._transports: list[asyncio.BaseTransport] = []

    def factory(self) -> SMTP:
        return _Connection(self.handler, transports=self._transports, **self.SMTP_kwargs)

    def stop(self, no_assert: bool = False) -> None:  # aiosmtpd's argument
        asyncio.run_coroutine_threadsafe(self._close_connections(), self.loop).result(timeout=30)
        super().stop(no_assert)

    async def _close_connections(self) -> None:
        # Stop accepting without closing the server, which would lose the connections that are being accepted.
        for listening in self.server.sockets:  # type: ignore[union-attr]  # not None after the start
            self.loop.remove_reader(listening.fileno())
        waiting = set[asyncio.Task[Any]]()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for transport in self._transports:
                transport.abort()  # type: ignore[attr-defined]  # socket transports have it
            # Tasks that wait for a TLS handshake do not notice the abort.
            for one in waiting:
                one.cancel()
            _, waiting = await asyncio.wait(others, timeout=0.5)
        # Run the callbacks of the aborted transports, which are scheduled by now.
        await asyncio.sleep(0)


@contextlib.contextmanager
def mail_receiver(
    inbox: Inbox, port: int, certificate: Path, key: Path, *, tls: bool, host: str = "127.0.0.1"
) -> Iterator[None]:
    """Run a mail server that requires a login, and with `tls` also STARTTLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = _MailServer(
        _Mailbox(inbox),
        hostname=host,
        port=port,
        server_hostname=host,  # avoids a DNS lookup per connection
        authenticator=_authenticate,
        # Alertmanager does not understand the LOGIN prompts of aiosmtpd.
        auth_exclude_mechanism=["LOGIN"],
        auth_require_tls=tls,
        require_starttls=tls,
        tls_context=context if tls else None,
    )
    server.start()
    try:
        yield
    finally:
        server.stop()
