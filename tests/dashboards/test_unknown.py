"""Tests that nothing is green or "none" while nothing is known: without any data, and after scraping has stopped."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from dashboards.model import Color
from dashboards.rendering.columns import heading
from dashboards.rendering.queries import interpolate
from synthetic.evaluation import query_range
from tools.boards.lint.judged import Shown, is_judged, show
from tools.boards.rendered_boards import PANELS, queries
from tools.stored_days import moments_without_data, serve, stored_days

pytestmark = pytest.mark.slow

# Stats, bars and tables show the present.
JUDGED: Final = [
    (uid, panel) for uid, panel in PANELS if panel["type"] in ("stat", "bargauge", "table") and is_judged(panel)
]
Panel = Mapping[str, Any]


@pytest.fixture(scope="module")
def prometheus() -> Iterator[str]:
    with serve() as address:
        yield address


def columns_of(panel: Panel) -> dict[str, str]:
    """Return the headings of a table's columns by their names."""
    (options,) = (step["options"] for step in panel["transformations"] if step["id"] == "organize")
    names: dict[str, str] = options["renameByName"]
    return names


def shown_at(prometheus: str, panel: Panel, moment: int) -> Iterator[Shown]:
    """Yield what a panel shows at a time: one value per series and, in a table, the values of its labels."""
    targets = queries(panel)
    found = [query_range(prometheus, interpolate(each["expr"]), moment, moment, 60) for each in targets]
    if not any(found):
        yield show(panel, "", None)
    for target, series in zip(targets, found, strict=True):
        name = target["legendFormat"]
        for one in series:
            (value,) = one.values.values()
            yield show(panel, heading(name) if panel["type"] == "table" else name, value)
            if panel["type"] == "table":
                yield from (show(panel, label, one.labels[label]) for label in columns_of(panel) if label in one.labels)


def looks_good(shown: Shown) -> bool:
    return shown.color == Color.GOOD or (shown.text or "").startswith("none")


@pytest.mark.parametrize("name", moments_without_data())
def test_nothing_that_is_judged_looks_good_without_data(prometheus: str, name: str) -> None:
    offenders = [
        f"{uid}: {panel['title']}"
        for uid, panel in JUDGED
        if any(looks_good(each) for each in shown_at(prometheus, panel, moments_without_data()[name]))
    ]
    assert offenders == []


def test_what_is_judged_looks_good_on_a_healthy_day(prometheus: str) -> None:
    moment = stored_days()["healthy"].ends
    good = {
        f"{uid}: {panel['title']}"
        for uid, panel in JUDGED
        if any(looks_good(each) for each in shown_at(prometheus, panel, moment))
    }
    assert good == {f"{uid}: {panel['title']}" for uid, panel in JUDGED}


def test_the_age_of_the_newest_sample_is_right_after_scraping_has_stopped(prometheus: str) -> None:
    (target,) = (queries(panel) for _, panel in PANELS if panel["title"].startswith("Age of the newest sample"))
    moment = moments_without_data()["stopped"]
    (found,) = query_range(prometheus, interpolate(target[0]["expr"]), moment, moment, 60)
    assert list(found.values.values()) == [25]


def test_the_watchdog_is_red_after_scraping_has_stopped(prometheus: str) -> None:
    (panel,) = (panel for uid, panel in PANELS if (uid, panel["title"]) == ("bais-production", "Monitoring"))
    for moment in moments_without_data().values():
        assert list(shown_at(prometheus, panel, moment)) == [Shown("not working", Color.CRITICAL)]
