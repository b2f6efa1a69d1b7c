"""HTML report of a fire drill, with all messages as receivers display them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from local.demo.fake_receivers import Message
from tools.delivery.expectations import channel
from tools.drill.outcome import Outcome

_KINDS: Final = {"pagerduty": "page", "dead-mans-switch": "switch", "email": "mail", "slack": "slack"}


def write_report(path: Path, stack: str, outcomes: Sequence[Outcome]) -> None:
    """Write the report.

    Message texts are escaped, and mails are shown in sandboxed frames.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    page = environment.get_template("report.html.j2").render(stack=stack, outcomes=outcomes, kind=kind)
    path.write_text(page, encoding="utf-8")


def kind(message: Message) -> str:
    """Return the kind of a message, which selects its layout.

    It is `text` for channels without a layout of their own.
    """
    return _KINDS.get(channel(message.address), "text")
