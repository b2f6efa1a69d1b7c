"""Charts as SVG without scripts: each stands alone in a file, and inside HTML."""

from operations.review.charts.lines import lines, percent
from operations.review.charts.time_line import time_line

__all__ = ["lines", "percent", "time_line"]
