"""Files and JSON of a review."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from operations.review import html, markdown
from operations.review.model import Finding, Review, Table


def write(review: Review, folder: Path) -> list[Path]:
    """Write review.md with its charts, and review.html, which needs no other file; return the paths of both."""
    folder.mkdir(parents=True, exist_ok=True)
    for chart in review.charts:
        (folder / f"{chart.name}.svg").write_text(f"{chart.svg}\n", encoding="utf-8")
    pages = {folder / "review.html": html.render(review), folder / "review.md": markdown.render(review)}
    for path, content in pages.items():
        path.write_text(content, encoding="utf-8")
    return list(pages)


def as_json(review: Review) -> Mapping[str, Any]:
    """Return the review as plain values, in seconds, bytes and cores; without the charts."""
    return {
        "stack": review.stack,
        "period": {"name": review.period.name, "begin": review.period.begin, "end": review.period.end},
        "data": review.data,
        "headline": review.headline,
        "unknown": review.unknown,
        "worst": [
            {"area": each.area, "text": each.text, "findings": [_finding(finding) for finding in each.findings]}
            for each in review.worst
        ],
        "sections": [
            {
                "title": section.title,
                "conclusion": section.conclusion,
                "unknown": list(section.unknown),
                "findings": [_finding(finding) for finding in section.findings],
                "tables": [_table(table) for table in section.tables],
            }
            for section in review.sections
        ],
    }


def _finding(finding: Finding) -> Mapping[str, Any]:
    return {
        "impact": finding.impact.name.lower(),
        "weight": finding.weight,
        "area": finding.area,
        "text": finding.text,
    }


def _table(table: Table) -> Mapping[str, Any]:
    columns = [{"title": column.title, "kind": column.kind.value} for column in table.columns]
    return {"columns": columns, "rows": [list(row) for row in table.rows], "more": table.more}
