"""Slack, PagerDuty, the dead man's switch and a mail server: they answer as the real ones do and keep what they get."""

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
# A webhook posts to its own channel, whatever the message says.
SLACK_WEBHOOKS: Final = {
    "/slack/critical": "#bais-critical",
    "/slack/warning": "#bais-alerts",
    "/slack/security": "#bais-security",
    "/slack/search": "#search-alerts",
}
ROUTING_KEY: Final = "0123456789abcdef0123456789abcdef"
BOT_TOKEN: Final = "xoxb-loopback"
PASSWORD: Final = "correct horse battery staple"
# How an alert that somebody made up is recognised in whatever is told of it.
MARK: Final = re.compile(r"\bmark-(\w+)-end\b")


def routing_key(team: str) -> str:
    """The key of a team's own service at PagerDuty, whose address is `team_pages`."""
    return hashlib.md5(team.encode(), usedforsecurity=False).hexdigest()


def team_pages(team: str) -> str:
    """The address of a team's own service."""
    return f"{PAGERDUTY} of {team}"


@dataclass(frozen=True)
class Message:
    """What arrived at an address: as its parts, and all of it as text; `marks` are those of the alerts it tells of.

    `at` is when, in seconds of the monotonic clock, `path` what was posted to, which is nothing for a mail.
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
    """All that arrived, and what was refused, in words.

    A path in `failing` answers with this status and these words and takes nothing; `turned_away` counts how often.
    """

    messages: list[Message] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    teams: tuple[str, ...] = ()
    failing: dict[str, tuple[int, str]] = field(default_factory=dict)
    turned_away: Counter[str] = field(default_factory=Counter)

    def take(self, address: str, *, resolved: bool, parts: Mapping[str, Any], path: str = "") -> None:
        """Keep a message."""
        text = html.unescape(json.dumps(parts, ensure_ascii=False))
        marks = frozenset(MARK.findall(text))
        self.messages.append(Message(time.monotonic(), address, path, resolved, parts, text, marks))

    def refuse(self, what: str) -> None:
        """Keep what was refused."""
        self.refused.append(what)

    def clear(self) -> None:
        """Forget what arrived so far."""
        self.messages.clear()

    def received(self, *, resolved: bool = False) -> dict[str, list[str]]:
        """The addresses at which each mark was found, sorted, one for every message."""
        found: dict[str, list[str]] = {}
        for message in self.messages.copy():
            for mark in message.marks if message.resolved == resolved else ():
                found.setdefault(mark, []).append(message.address)
        return {mark: sorted(addresses) for mark, addresses in found.items()}


class _RefusedError(Exception):
    """The status and words with which a service refuses a request."""


@dataclass(frozen=True)
class _Post:
    """A request to a service: the path with its query, the JSON in its body, the header `Authorization`."""

    inbox: Inbox
    requested: str
    payload: Mapping[str, Any]
    authorization: str

    @property
    def path(self) -> str:
        return self.requested.partition("?")[0]

    def take(self, address: str, *, resolved: bool, parts: Mapping[str, Any] | None = None) -> None:
        self.inbox.take(address, resolved=resolved, parts=parts or self.payload, path=self.requested)


# Status and body of each service's answer, as its documentation has them; or a _RefusedError with the same.
_Answer = tuple[int, str]


def _slack_webhook(post: _Post) -> _Answer:
    attachments = post.payload.get("attachments")
    if not attachments or post.payload.get("channel") != SLACK_WEBHOOKS[post.path]:
        raise _RefusedError(400, "invalid_payload")
    post.take(SLACK_WEBHOOKS[post.path], resolved=attachments[0]["title"].startswith("[RESOLVED]"))
    return 200, "ok"


def _slack_bot(post: _Post) -> _Answer:
    # Slack answers 200 whatever happened.
    if post.authorization != f"Bearer {BOT_TOKEN}":
        raise _RefusedError(200, json.dumps({"ok": False, "error": "invalid_auth"}))
    channel, attachments = post.payload["channel"], post.payload["attachments"]
    post.take(channel, resolved=attachments[0]["title"].startswith("[RESOLVED]"))
    return 200, json.dumps({"ok": True, "channel": channel, "ts": "1"})


def _pagerduty(post: _Post) -> _Answer:
    event = post.payload.get("payload", {})
    services = {ROUTING_KEY: PAGERDUTY, **{routing_key(team): team_pages(team) for team in post.inbox.teams}}
    if post.payload.get("routing_key") not in services or not {"summary", "source", "severity"} <= set(event):
        raise _RefusedError(400, json.dumps({"status": "invalid event", "message": "Event object is invalid"}))
    post.take(services[post.payload["routing_key"]], resolved=post.payload["event_action"] == "resolve")
    key = post.payload["dedup_key"]
    return 202, json.dumps({"status": "success", "message": "Event processed", "dedup_key": key})


def _dead_mans_switch(post: _Post) -> _Answer:
    post.take(SWITCH, resolved=post.payload["status"] == "resolved")
    return 200, "OK"


# One row per path that is posted to.
_SERVICES: Final[Mapping[str, Callable[[_Post], _Answer]]] = {
    **dict.fromkeys(SLACK_WEBHOOKS, _slack_webhook),
    "/api/chat.postMessage": _slack_bot,
    "/v2/enqueue": _pagerduty,
    "/switch": _dead_mans_switch,
}


def _answer(post: _Post) -> _Answer:
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
                    inbox.turned_away[self.path] += 1
                    self.answer(*failure)
                    return
                authorization = self.headers.get("Authorization", "")
                status, answer = _answer(_Post(inbox, self.path, json.loads(body), authorization))
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
            """Say nothing: what counts is in the inbox."""

    return Handler


@contextlib.contextmanager
def http_sink(
    inbox: Inbox, host: str = "127.0.0.1", port: int = 0, context: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Slack, PagerDuty and the switch while the context lasts, on a free port for 0; its value is their address.

    They speak HTTPS if they are given the context for it.
    """
    with Server((host, port), _handler(inbox)) as server:
        if context:
            # Each connection's own thread greets, so that one who says nothing keeps nobody waiting.
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
            self.inbox.refuse(f"a mail to {', '.join(envelope.rcpt_tos)} without a login")
            return "530 5.7.0 Authentication required"
        content = envelope.original_content or b""
        mail = email.message_from_bytes(content, policy=email.policy.default)
        texts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
        parts = {"subject": mail["Subject"], **{part.get_content_subtype(): part.get_content() for part in texts}}
        for address in envelope.rcpt_tos:
            self.inbox.take(address, resolved=parts["subject"].startswith("[RESOLVED]"), parts=parts)
        return "250 OK"


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object) -> AuthResult:
    return AuthResult(success=isinstance(login, LoginPassword) and login.password == PASSWORD.encode())


class _Connection(SMTP):
    """A connection that keeps what it goes through, the encrypted one too, so that it can be ended from outside."""

    def __init__(self, *arguments: Any, transports: list[asyncio.BaseTransport], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transports.append(transport)
        super().connection_made(transport)


class _MailServer(Controller):
    """Ends every connection before it stops, also one that is only being accepted: the library leaves them open."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._transports: list[asyncio.BaseTransport] = []

    def factory(self) -> SMTP:
        return _Connection(self.handler, transports=self._transports, **self.SMTP_kwargs)

    def stop(self, no_assert: bool = False) -> None:  # aiosmtpd's argument
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(timeout=30)
        super().stop(no_assert)

    async def _hang_up(self) -> None:
        # Closed now, it would lose track of the connections that are being accepted.
        for listening in self.server.sockets:  # type: ignore[union-attr]  # a server, since it was started
            self.loop.remove_reader(listening.fileno())
        waiting = set[asyncio.Task[Any]]()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for transport in self._transports:
                transport.abort()  # type: ignore[attr-defined]  # of every transport that a server is given
            # Whoever waits for the greeting of TLS does not hear that it will not come.
            for one in waiting:
                one.cancel()
            _, waiting = await asyncio.wait(others, timeout=0.5)
        # What an aborted transport has yet to do stands in the loop by now.
        await asyncio.sleep(0)


@contextlib.contextmanager
def mail_sink(
    inbox: Inbox, port: int, certificate: Path, key: Path, *, tls: bool, host: str = "127.0.0.1"
) -> Iterator[None]:
    """A mail server that takes mail only after a login, and with `tls` only encrypted, while the context lasts."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = _MailServer(
        _Mailbox(inbox),
        hostname=host,
        port=port,
        server_hostname=host,  # else each connection asks what it is called, where nobody may answer
        authenticator=_authenticate,
        # Its questions for user and password are not the words that Alertmanager knows.
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
