"""Delivery of a test notification by the replicas of an Alertmanager, as they count it."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from operations.page.alert import ALERT, PageAlert, PageError
from verification.notifications import Channel, delivered_notifications, failed_requests

# Beyond the waits of the route: replicas wait for each other, and a channel may be slow.
_MARGIN_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 2.0
_EARLY_SECONDS: Final = 3.0
_REQUEST_SECONDS: Final = 10
# The alert ends by itself if this command is killed.
_LONGEST: Final = timedelta(minutes=30)


@dataclass(frozen=True)
class Progress:
    """Delivery so far.

    Attributes:
        delivered: Channels whose messages were all delivered.
        failing: Channels with failed requests, which Alertmanager repeats.
        missing: Channels without their messages.
        muted: Why Alertmanager does not send the alert; empty if it does.
    """

    delivered: tuple[str, ...]
    failing: tuple[str, ...]
    missing: tuple[str, ...]
    muted: str = ""


@dataclass(frozen=True)
class _Counts:
    """Delivered messages and failed requests of all replicas, per channel."""

    delivered: Mapping[Channel, float]
    failed: Mapping[Channel, float]


class Delivery:
    """The alert in the replicas of an Alertmanager, at these addresses."""

    def __init__(self, alert: PageAlert, stack: str, addresses: Sequence[str]) -> None:
        """Prepare the delivery; nothing is sent yet."""
        self._alert, self._stack, self._addresses = alert, stack, addresses
        self._start = datetime.now(UTC)
        self._next_message = 0.0

    def fire(self) -> Iterator[Progress]:
        """Send the alert; yield the progress until every channel has it, a reason against it is known, or time is over.

        Raises PageError.
        """
        self._post(self._start + _LONGEST)
        self._next_message = time.monotonic() + self._alert.first_seconds
        yield from self._sent(self._alert.channels)
        self._next_message = time.monotonic() + self._alert.next_seconds

    def resolve(self) -> Iterator[Progress]:
        """Resolve the alert; yield the progress as for `fire`.

        Raises PageError.
        """
        self.end()
        return self._sent(self._alert.resolved_channels)

    def end(self) -> None:
        """Resolve the alert without waiting for a message."""
        self._post(datetime.now(UTC))

    def _sent(self, wanted: Mapping[str, int]) -> Iterator[Progress]:
        # Messages of other alerts are counted, too, so counting starts when the message is due.
        time.sleep(max(0.0, self._next_message - _EARLY_SECONDS - time.monotonic()))
        before = self._counts()
        deadline = self._next_message + _MARGIN_SECONDS
        while True:
            progress = self._progress(wanted, before)
            yield progress
            if not progress.missing or progress.muted or time.monotonic() > deadline:
                return
            time.sleep(_PAUSE_SECONDS)

    def _progress(self, wanted: Mapping[str, int], before: _Counts) -> Progress:
        now = self._counts()
        sent, failures = _since(now.delivered, before.delivered), _since(now.failed, before.failed)
        receiver = self._alert.receiver
        missing = tuple(kind for kind, count in wanted.items() if sent.get((receiver, kind), 0) < count)
        return Progress(
            delivered=tuple(kind for kind in wanted if kind not in missing),
            failing=tuple(kind for kind in missing if failures.get((receiver, kind), 0) > 0),
            missing=missing,
            muted=self._muted() if missing else "",
        )

    def _muted(self) -> str:
        found = json.loads(_request(f"{self._addresses[0]}/api/v2/alerts?filter={quote(f'alertname={ALERT}')}"))
        (alert, *_) = found or [{}]
        status = alert.get("status", {})
        reasons = {"silencedBy": "silence", "inhibitedBy": "inhibition by alert", "mutedBy": "quiet hours"}
        return ", ".join(f"{text} {' '.join(status[key])}" for key, text in reasons.items() if status.get(key))

    def _counts(self) -> _Counts:
        delivered: Counter[Channel] = Counter()
        failed: Counter[Channel] = Counter()
        for address in self._addresses:
            metrics = _request(f"{address}/metrics")
            delivered.update(delivered_notifications(metrics))
            failed.update(failed_requests(metrics))
        if not delivered:
            raise PageError("Alertmanager has no metrics per receiver: deploy this version of the project first")
        return _Counts(delivered, failed)

    def _post(self, end: datetime) -> None:
        """Send the alert to every replica, as Prometheus does."""
        body = json.dumps(self._alert.body(self._stack, self._start, end)).encode()
        for address in self._addresses:
            _request(f"{address}/api/v2/alerts", body)


def _since(now: Mapping[Channel, float], before: Mapping[Channel, float]) -> dict[Channel, float]:
    return {channel: count - before.get(channel, 0) for channel, count in now.items()}


def _request(url: str, body: bytes | None = None) -> str:
    request = Request(url, body, {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=_REQUEST_SECONDS) as response:
            return str(response.read().decode())
    except HTTPError as error:
        raise PageError(f"Alertmanager answered with status {error.code}: {error.read().decode()[:200]}") from None
    except (URLError, OSError, http.client.HTTPException) as error:
        raise PageError(f"Alertmanager cannot be reached: {error}") from None
