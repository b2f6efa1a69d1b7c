"""Silences with a mandatory reason and end, created with amtool."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from rich.console import Console

from common import ports
from common.durations import parse_duration as seconds
from common.problems import Problem
from common.project import PROJECT
from local.tools.build import ensure_tools
from local.tools.toolset import binary
from operations.stacks import stack_file
from settings.loader import load_sections
from settings.sources import from_file

# Anything longer is a setting and belongs in the stack file, with a reason.
MAX_DURATION: Final = timedelta(days=30)

_MATCHER: Final = re.compile(r'[a-zA-Z_][a-zA-Z0-9_]*(?P<operator>=~|!~|!=|=)(?:"(?:[^"\\]|\\.)*"|[^\s",]+)')
_IDENTIFIER: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class SilenceError(Exception):
    """A silence cannot be created, listed or expired."""


@dataclass(frozen=True)
class SilenceRequest:
    """A valid request for a silence.

    Attributes:
        matchers: Matchers in the syntax of amtool.
        reason: Reason, the comment of the silence.
        end: End in UTC.
    """

    matchers: tuple[str, ...]
    reason: str
    end: datetime

    @property
    def arguments(self) -> tuple[str, ...]:
        """Arguments of amtool."""
        end = f"{self.end:%Y-%m-%dT%H:%M:%SZ}"
        return ("silence", "add", f"--comment={self.reason}", f"--end={end}", "--", *self.matchers)


def silence_request(matchers: str, reason: str, duration: str, until: str, now: datetime) -> SilenceRequest:
    """Validate the parameters of a silence and return the request.

    Raises:
        SilenceError: parameters are not valid; the message lists every problem.
    """
    problems = []
    found = tuple(match[0] for match in _MATCHER.finditer(matchers))
    if " ".join(found) != " ".join(matchers.split()) or not any(_is_restrictive(each) for each in found):
        allowed = 'such as alertname=NodeCpuHigh node="a", at least one of them with = or =~'
        problems.append(Problem("MATCHERS", matchers or "nothing", allowed))
    if not reason.strip():
        problems.append(Problem("REASON", "nothing", "text that explains the silence to others"))
    end = _parse_end(duration, until, now)
    if isinstance(end, Problem):
        problems.append(end)
    if problems or isinstance(end, Problem):
        raise SilenceError("\n".join(["silence not created:", *(f"  {problem}" for problem in problems)]))
    return SilenceRequest(found, reason.strip(), end)


def expire_arguments(identifier: str) -> tuple[str, ...]:
    """Return the arguments with which amtool expires a silence.

    Raises:
        SilenceError: the identifier is not valid.
    """
    if not _IDENTIFIER.fullmatch(identifier):
        raise SilenceError(str(Problem("ID", identifier or "nothing", "an ID from `make silences`")))
    return ("silence", "expire", identifier)


def alertmanager_url(url: str, stack: str) -> str:
    """Return the given URL, or `links.alertmanager` of the stack.

    Raises:
        SilenceError: neither is set.
        UnknownStackError: the stack has no file.
    """
    if url:
        return url
    result = load_sections(from_file(stack_file(stack), PROJECT / "Pulumi.yaml"))
    links, namespace = result.sections.get("links"), result.sections.get("namespace", "monitoring")
    if links is not None and links.alertmanager:
        return str(links.alertmanager)
    raise SilenceError(
        f"stack {stack} has no links.alertmanager, so Alertmanager is reachable only inside the cluster. Run\n"
        f"  kubectl -n {namespace} port-forward service/alertmanager {ports.ALERTMANAGER}\n"
        f"and repeat the command with URL=http://localhost:{ports.ALERTMANAGER}"
    )


def amtool(console: Console, url: str, *arguments: str) -> str:
    """Run amtool and return its output; any version on PATH is used.

    Raises:
        SilenceError: amtool failed or Alertmanager is not reachable.
    """
    program = shutil.which("amtool") or str(ensure_tools(console) and binary("amtool"))
    result = subprocess.run(
        [program, f"--alertmanager.url={url}", "--timeout=10s", *arguments], capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise SilenceError(f"{url}: {result.stderr.strip().removeprefix('amtool: error: ')}")
    return result.stdout.strip()


def _is_restrictive(matcher: str) -> bool:
    found = _MATCHER.fullmatch(matcher)
    return found is not None and found["operator"] in ("=", "=~")


def _parse_end(duration: str, until: str, now: datetime) -> datetime | Problem:
    if bool(duration) == bool(until):
        return Problem("FOR, UNTIL", "both" if duration else "neither", "exactly one of them")
    key, text, form = ("FOR", duration, "such as 2h") if duration else ("UNTIL", until, "such as 2026-12-01T08:00Z")
    problem = Problem(key, text, f"{form}, from now to {MAX_DURATION.days} days ahead")
    try:
        end = now + timedelta(seconds=seconds(duration)) if duration else datetime.fromisoformat(until)
    except (ValueError, OverflowError):
        return problem
    # A time without a time zone is ambiguous.
    if end.tzinfo is None or not now < end <= now + MAX_DURATION:
        return problem
    return end.astimezone(UTC)
