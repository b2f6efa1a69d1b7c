"""Silences, made by the real amtool: with a reason and an end, or not at all."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from rich.console import Console

from common.durations import parse_duration as seconds
from common.problems import Problem
from common.project import PROJECT
from local.tools.build import ensure_tools
from local.tools.toolset import binary
from settings.loader import load_sections
from settings.sources import from_file

# What is silent for longer is a setting, and stands in the stack file with its reason.
MAX_DURATION: Final = timedelta(days=30)

_MATCHER: Final = re.compile(r'[a-zA-Z_][a-zA-Z0-9_]*(?P<operator>=~|!~|!=|=)(?:"(?:[^"\\]|\\.)*"|[^\s",]+)')
_IDENTIFIER: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class SilenceError(Exception):
    """What keeps a silence from being made, listed or ended."""


@dataclass(frozen=True)
class SilenceRequest:
    """A silence that may be made."""

    matchers: tuple[str, ...]
    reason: str
    end: datetime

    @property
    def arguments(self) -> tuple[str, ...]:
        """What amtool is called with."""
        end = f"{self.end:%Y-%m-%dT%H:%M:%SZ}"
        return ("silence", "add", f"--comment={self.reason}", f"--end={end}", "--", *self.matchers)


def silence_request(matchers: str, reason: str, duration: str, until: str, now: datetime) -> SilenceRequest:
    """What was asked for.

    Raises:
        SilenceError: it is no silence that may be made; every problem at once.
    """
    problems = []
    found = tuple(match[0] for match in _MATCHER.finditer(matchers))
    if " ".join(found) != " ".join(matchers.split()) or not any(_is_restrictive(each) for each in found):
        allowed = 'such as alertname=NodeCpuHigh node="a", at least one of them with = or =~'
        problems.append(Problem("MATCHERS", matchers or "nothing", allowed))
    if not reason.strip():
        problems.append(Problem("REASON", "nothing", "why, for whoever wonders where an alert is"))
    end = _parse_end(duration, until, now)
    if isinstance(end, Problem):
        problems.append(end)
    if problems or isinstance(end, Problem):
        raise SilenceError("\n".join(["no silence was made:", *(f"  {problem}" for problem in problems)]))
    return SilenceRequest(found, reason.strip(), end)


def expire_arguments(identifier: str) -> tuple[str, ...]:
    """What amtool is called with to end a silence.

    Raises:
        SilenceError: it is no identifier of one.
    """
    if not _IDENTIFIER.fullmatch(identifier):
        raise SilenceError(str(Problem("ID", identifier or "nothing", "what `make silences` shows as ID")))
    return ("silence", "expire", identifier)


def alertmanager_url(url: str, stack: str) -> str:
    """Alertmanager's address: the given one, else the stack's `links.alertmanager`.

    Raises:
        SilenceError: there is neither.
    """
    if url:
        return url
    reading = load_sections(from_file(PROJECT / f"Pulumi.{stack}.yaml", PROJECT / "Pulumi.yaml"))
    links, namespace = reading.sections.get("links"), reading.sections.get("namespace", "monitoring")
    if links is not None and links.alertmanager:
        return str(links.alertmanager)
    raise SilenceError(
        f"stack {stack} has no links.alertmanager: its Alertmanager is known inside the cluster only. Open a way,\n"
        f"  kubectl -n {namespace} port-forward service/alertmanager 9093\n"
        "and add URL=http://localhost:9093"
    )


def amtool(console: Console, url: str, *arguments: str) -> str:
    """What amtool answers; one of another version on PATH will do.

    Raises:
        SilenceError: it refused, or nothing answered at the address.
    """
    program = shutil.which("amtool") or str(ensure_tools(console) and binary("amtool"))
    answer = subprocess.run(
        [program, f"--alertmanager.url={url}", "--timeout=10s", *arguments], capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        raise SilenceError(f"{url}: {answer.stderr.strip().removeprefix('amtool: error: ')}")
    return answer.stdout.strip()


def _is_restrictive(matcher: str) -> bool:
    found = _MATCHER.fullmatch(matcher)
    return found is not None and found["operator"] in ("=", "=~")


def _parse_end(duration: str, until: str, now: datetime) -> datetime | Problem:
    if bool(duration) == bool(until):
        return Problem("FOR, UNTIL", "both" if duration else "neither", "one of them: a silence has an end")
    key, text, form = ("FOR", duration, "such as 2h") if duration else ("UNTIL", until, "such as 2026-12-01T08:00Z")
    problem = Problem(key, text, f"{form}, from now to {MAX_DURATION.days} days ahead")
    try:
        end = now + timedelta(seconds=seconds(duration)) if duration else datetime.fromisoformat(until)
    except (ValueError, OverflowError):
        return problem
    # Without its zone, a time would mean another one to everybody who reads it.
    if end.tzinfo is None or not now < end <= now + MAX_DURATION:
        return problem
    return end.astimezone(UTC)
