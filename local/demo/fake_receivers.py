"""Fake Slack, PagerDuty, dead man's switch and mail server.

They respond as the real ones and store what they get.
"""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import functools
import hashlib
import html
import json
import re
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
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
        marks = frozenset(MARK.findall(text))
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


def _respond(inbox: Inbox, target: str, payload: dict[str, Any], authorization: str) -> tuple[int, str]:
    """Store the message and return status and body of the documented response."""
    path = target.partition("?")[0]
    accept = functools.partial(inbox.accept, path=target)
    if path in SLACK_WEBHOOKS:
        attachments = payload.get("attachments")
        if not attachments or payload.get("channel") != SLACK_WEBHOOKS[path]:
            raise _RefusedError(400, "invalid_payload")
        accept(SLACK_WEBHOOKS[path], resolved=attachments[0]["title"].startswith("[RESOLVED]"), parts=payload)
        return 200, "ok"
    if path == "/api/chat.postMessage":
        # Slack responds with 200 even to errors.
        if authorization != f"Bearer {BOT_TOKEN}":
            raise _RefusedError(200, json.dumps({"ok": False, "error": "invalid_auth"}))
        attachments = payload["attachments"]
        accept(payload["channel"], resolved=attachments[0]["title"].startswith("[RESOLVED]"), parts=payload)
        return 200, json.dumps({"ok": True, "channel": payload["channel"], "ts": "1"})
    if path == "/v2/enqueue":
        event = payload.get("payload", {})
        services = {ROUTING_KEY: PAGERDUTY, **{routing_key(team): team_pagerduty(team) for team in inbox.teams}}
        if payload.get("routing_key") not in services or not {"summary", "source", "severity"} <= set(event):
            raise _RefusedError(400, json.dumps({"status": "invalid event", "message": "Event object is invalid"}))
        accept(services[payload["routing_key"]], resolved=payload["event_action"] == "resolve", parts=payload)
        key = payload["dedup_key"]
        return 202, json.dumps({"status": "success", "message": "Event processed", "dedup_key": key})
    if path == "/switch":
        accept(SWITCH, resolved=payload["status"] == "resolved", parts=payload)
        return 200, "OK"
    raise _RefusedError(404, "no_service")


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
                status, answer = _respond(inbox, self.path, json.loads(body), self.headers.get("Authorization", ""))
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
