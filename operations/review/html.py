"""Reviews as one HTML file without scripts; everything is escaped except the charts, which are SVG of this project."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from operations.review.formats import formatted, moment
from operations.review.model import Chart, Kind, Review
from operations.review.ranking import ORDER


def render(review: Review) -> str:
    """Return the review as HTML."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("report.html.j2").render(
        review=review, order=ORDER, formatted=formatted, moment=moment, inline=_inline, text=Kind.TEXT
    )


def _inline(chart: Chart) -> Markup:
    # The charts are built as a tree, which escapes their texts.
    return Markup(chart.svg)
