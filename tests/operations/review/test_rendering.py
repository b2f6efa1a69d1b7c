"""Markdown, HTML, JSON and SVG of a review."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from operations.review import charts, files, html, markdown
from operations.review.formats import days, duration, listed, share, size
from operations.review.model import Chart, Column, Finding, Impact, Kind, Review, Section, Worst, table
from operations.review.period import Period

HOSTILE: Final = "<script>alert(1)</script> | `x`"
PERIOD: Final = Period("7d", 1_800_000_000)
SVG: Final = charts.time_line(
    HOSTILE, {HOSTILE: [(PERIOD.begin, PERIOD.end)]}, begin=PERIOD.begin, end=PERIOD.end, shaded=[]
)


def review(*sections: Section, worst: tuple[Worst, ...] = ()) -> Review:
    return Review(stack="prod", period=PERIOD, data="Complete.", worst=worst, sections=sections)


SECTION: Final = Section(
    title="Alerts",
    conclusion=HOSTILE,
    tables=(table((Column("alert"), Column("share", Kind.SHARE)), [(HOSTILE, 0.5), ("b", None)], most=1),),
    charts=(Chart("pages", "Pages", SVG),),
    unknown=(HOSTILE,),
)
FINDING: Final = Finding(Impact.NOISE, 1, "api", HOSTILE)
FULL: Final = review(SECTION, worst=(Worst(area="api", findings=(FINDING,)),))


def test_html_escapes_every_text_and_has_neither_script_nor_link_to_elsewhere() -> None:
    page = html.render(FULL)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 5
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert "<svg" in page


def test_markdown_escapes_markup_so_that_a_table_keeps_its_columns() -> None:
    text = markdown.render(FULL)
    (row,) = [line for line in text.splitlines() if "50 %" in line]
    assert row == r"| \<script\>alert(1)\</script\> \| \`x\` | 50 % |"
    assert "![Pages](pages.svg)" in text
    assert "1 more rows are left out." in text
    assert r"- Unknown: \<script\>" in text


def test_files_are_a_page_without_other_files_and_markdown_with_its_charts(tmp_path: Path) -> None:
    assert [path.name for path in files.write(FULL, tmp_path / "new")] == ["review.html", "review.md"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["pages.svg", "review.html", "review.md"]


def test_json_has_the_values_with_their_units() -> None:
    found = json.loads(json.dumps(files.as_json(FULL)))
    (section,) = found["sections"]
    assert section["tables"][0]["columns"][1] == {"title": "share", "kind": "share (1 is 100 %)"}
    assert section["tables"][0]["rows"] == [[HOSTILE, 0.5]]
    assert found["worst"][0]["findings"][0]["impact"] == "noise"


@pytest.mark.parametrize(
    ("sections", "headline"),
    [
        ([Section(title="A", conclusion="")], "There is nothing to improve."),
        (
            [Section(title="A", conclusion=""), Section(title="B", conclusion="", unknown=("no data",), known=False)],
            "There is nothing to improve, as far as it is known.",
        ),
        (
            [
                Section(title="A", conclusion=""),
                *(Section(title=name, conclusion="", unknown=("no data",), known=False) for name in "BC"),
            ],
            "Unknown: 2 of 3 sections could not be read.",
        ),
    ],
)
def test_what_is_unknown_is_never_called_good(sections: list[Section], headline: str) -> None:
    assert review(*sections).headline == headline


def test_what_is_unknown_is_named_next_to_the_worst_problems() -> None:
    assert FULL.unknown == "Not or only partly known: Alerts."
    assert FULL.unknown in html.render(FULL)
    assert FULL.unknown in markdown.render(FULL)
    assert review(Section(title="A", conclusion="")).unknown == ""


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_a_line_chart_names_its_lines_and_levels() -> None:
    day = 86400
    series = {name: {number * day: number / 10 for number in range(5)} for name in ("api", "worker")}
    svg = charts.lines("Budgets", series, charts.percent, reference=0)
    assert {"Budgets", "api", "worker", "0 %", "40 %", "02 Jan"} <= set(texts(svg))


def test_a_gap_in_the_data_is_a_gap_in_the_line() -> None:
    values = {moment * 60: 1.0 for moment in (0, 1, 2, 10, 11)}
    root = ET.fromstring(charts.lines("Budgets", {"api": values}, charts.percent, reference=0))
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == 2


def test_a_line_chart_shows_the_first_lines_and_says_so() -> None:
    series = {str(number): {0: 1.0, 60: 2.0} for number in range(9)}
    assert "Budgets (6 of 9)" in texts(charts.lines("Budgets", series, charts.percent, reference=0))


def test_labels_of_lines_with_the_same_end_do_not_overlap() -> None:
    svg = charts.lines("B", {name: {0: 1.0, 60: 1.0} for name in "abcdef"}, charts.percent, reference=0)
    elements = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    heights = sorted(float(each.get("y", "0")) for each in elements if each.text in set("abcdef"))
    assert min(later - earlier for earlier, later in pairwise(heights)) >= 12


def test_a_time_line_explains_each_bar() -> None:
    svg = charts.time_line("Pages", {"NodeDown": [(0, 3600)]}, begin=0, end=86400, shaded=[(0, 7200)])
    titles = [element.text for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["NodeDown: 1970-01-01 00:00 UTC, 1 h"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (duration(0), "0 s"),
        (duration(3661), "1 h 1 min"),
        (duration(90061), "1 d 1 h"),
        (days(1), "1 day"),
        (days(2.5), "2.5 days"),
        (days(30.4), "30 days"),
        (share(0.001), "0.1 %"),
        (share(-3.456), "-346 %"),
        (size(1.5e9), "1.5 GB"),
        (listed(["a"]), "a"),
        (listed(["a", "b"]), "a and b"),
        (listed(["a", "b", "c", "d"]), "a, b, c and 1 more"),
    ],
)
def test_values_are_formatted_for_people(found: str, expected: str) -> None:
    assert found == expected
