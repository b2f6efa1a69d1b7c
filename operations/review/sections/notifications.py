"""Section: notifications per channel, sent and failed."""

from __future__ import annotations

from typing import Final

from common.words import counted
from operations.review.data import ReviewData
from operations.review.formats import count, listed, share
from operations.review.model import Column, Finding, Impact, Kind, Section, table

TITLE: Final = "Notifications"
_COLUMNS: Final = (
    Column("channel"),
    Column("sent", Kind.COUNT),
    Column("failed attempts", Kind.COUNT),
    Column("failed", Kind.SHARE),
)
# Below this, attempts fail that a retry replaces.
_FAILED_SHARE: Final = 0.01


def section(data: ReviewData) -> Section:
    """Return the number of notifications that Alertmanager sent per channel, and of those that failed."""
    sent = {one.labels.get("integration", ""): one.last for one in data.readings.series("notifications_sent")}
    failed = {one.labels.get("integration", ""): one.last for one in data.readings.series("notifications_failed")}
    # Alertmanager counts an attempt that fails as sent, too, and exposes a series for channels that are not in use.
    rows = [
        (channel, number, failed.get(channel, 0.0), failed.get(channel, 0.0) / number)
        for channel, number in sorted(sent.items(), key=lambda each: -each[1])
        if round(number)
    ]
    if not rows:
        return Section(title=TITLE, conclusion="Alertmanager sent no notification.")
    bad = [row for row in rows if row[3] > _FAILED_SHARE]
    total = count(sum(row[1] for row in rows))
    state = f"failed most on {bad[0][0]} ({share(bad[0][3])})" if bad else "hardly any failed"
    conclusion = f"Alertmanager sent {total} notifications through {counted(len(rows), 'channel')}; {state}."
    return Section(title=TITLE, conclusion=conclusion, tables=(table(_COLUMNS, rows),), findings=_findings(bad))


def _findings(bad: list[tuple[str, float, float, float]]) -> tuple[Finding, ...]:
    if not bad:
        return ()
    channels = listed([f"{channel} ({share(ratio)})" for channel, _, _, ratio in bad])
    worst = max(row[3] for row in bad)
    return (Finding(Impact.NOTIFICATIONS_FAILED, worst, "monitoring", f"Notifications failed: {channels}."),)
