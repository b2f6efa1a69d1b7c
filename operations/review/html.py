"""Reviews as one HTML file without scripts; everything is escaped except the charts, whose own texts are."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from operations.review.formats import formatted, moment
from operations.review.model import Kind, Review
from operations.review.ranking import ORDER


def render(review: Review) -> str:
    """Return the review as HTML."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("report.html.j2").render(
        review=review, order=ORDER, formatted=formatted, moment=moment, text=Kind.TEXT
    )
