"""Runbooks: complete, and consistent with the rules of their alerts."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

from catalogue import runbooks
from catalogue.loader import load
from catalogue.panel_links import panel_link
from catalogue.promql import is_promql
from catalogue.runbooks import END, START
from catalogue.tunables import format_number
from common.project import RUNBOOKS
from tools.catalogue.runbooks import HEADINGS, gaps, own_text, section

CATALOGUE: Final = load()

each_area = pytest.mark.parametrize("area", [area.name for area in CATALOGUE.areas])


def text_of(name: str) -> str:
    """Return the text of the runbook of an alert."""
    return (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")


def alerts_of(area: str) -> list[str]:
    """Return the names of the alerts of an area."""
    names = [alert.name for alert in CATALOGUE.alerts.values() if alert.area == area]
    assert names
    return names


def queries_of(name: str) -> Iterable[str]:
    """Yield the PromQL queries that are written by hand in the runbook of an alert."""
    for block in re.findall(r"```promql\n(.*?)```", own_text(text_of(name)), flags=re.DOTALL):
        yield from block.splitlines()


def test_there_is_exactly_one_runbook_per_alert() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == set(CATALOGUE.alerts)


@each_area
def test_a_runbook_is_complete(area: str) -> None:
    problems = [f"runbooks/{name}.md: {gap}" for name in alerts_of(area) for gap in gaps(name, text_of(name))]
    assert problems == [], "complete these runbooks"


@pytest.mark.parametrize(
    ("old", "new", "gap"),
    [
        ("## Impact\n", "", "headings: found Meaning, Diagnosis, "),
        (
            "## Impact\n",
            "## Impact\n\nNone.\n\n## Diagnosis\n",
            "headings: found Meaning, Impact, Diagnosis, Diagnosis, ",
        ),
        ("# ServiceDown\n", "# ServiceUp\n", "title: found ServiceUp; allowed: ServiceDown"),
        ("## Meaning\n", "## Meaning\n\nTODO\n", "text: found TODO; allowed: text instead of the placeholder"),
    ],
)
def test_a_gap_in_a_runbook_is_reported(old: str, new: str, gap: str) -> None:
    text = text_of("ServiceDown")
    assert old in text
    assert any(line.startswith(gap) for line in map(str, gaps("ServiceDown", text.replace(old, new, 1))))


def test_an_empty_section_and_a_short_runbook_are_reported() -> None:
    headings = "".join(f"## {heading}\n" for heading in HEADINGS)
    assert [problem.key for problem in gaps("ServiceDown", f"# ServiceDown\n{headings}")] == [*HEADINGS, "text"]


@each_area
def test_a_diagnosis_has_a_command_and_links_the_dashboard_panel(area: str) -> None:
    diagnoses = {name: section(text_of(name), "Diagnosis") for name in alerts_of(area)}
    links = {name: f"`{panel_link(CATALOGUE.alerts[name].annotations['dashboard_url'])}`" for name in diagnoses}
    assert [name for name, text in diagnoses.items() if "```" not in text] == [], "add a command or query"
    assert [name for name, text in diagnoses.items() if links[name] not in text] == [], "run: make generate"


@each_area
def test_a_runbook_repeats_no_tunable_threshold(area: str) -> None:
    repeated = [
        f"{name}: {tunable}"
        for name in alerts_of(area)
        for tunable in CATALOGUE.alerts[name].tunables
        if (number := re.escape(format_number(CATALOGUE.tunables[tunable].default)))
        and re.search(rf"(?<![\w.]){number}(?![\w.])", own_text(text_of(name)))
    ]
    assert repeated == [], "a stack can change these thresholds: remove the number from the runbook text"


@each_area
def test_a_query_of_a_runbook_parses(area: str) -> None:
    invalid = [f"{name}: {query}" for name in alerts_of(area) for query in queries_of(name) if not is_promql(query)]
    assert invalid == []


def test_runbooks_contain_queries() -> None:
    assert len([query for name in CATALOGUE.alerts for query in queries_of(name)]) > 100


def test_the_generated_blocks_are_up_to_date() -> None:
    assert not runbooks.outdated(CATALOGUE), "run: make generate"


def test_no_two_runbooks_have_the_same_meaning_section() -> None:
    meanings = [section(text_of(name), "Meaning") for name in CATALOGUE.alerts]
    assert len(set(meanings)) == len(meanings)


def test_a_missing_runbook_and_one_without_a_block_are_reported(tmp_path: Path) -> None:
    for path in RUNBOOKS.glob("*.md"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    assert runbooks.find_problems(CATALOGUE, tmp_path) == []
    (tmp_path / "RedisDown.md").unlink()
    (tmp_path / "ServiceDown.md").write_text("none", encoding="utf-8")
    assert sorted((problem.key, problem.found) for problem in runbooks.find_problems(CATALOGUE, tmp_path)) == [
        ("runbooks/RedisDown.md", "no file"),
        ("runbooks/ServiceDown.md", "0 blocks"),
    ]


class TestGenerator:
    def test_a_block_has_severity_duration_expression_and_tunables(self) -> None:
        block = runbooks.render_block(CATALOGUE, CATALOGUE.alerts["TargetDown"])
        assert "Severity: warning. Fires after 10m." in block
        assert CATALOGUE.alerts["TargetDown"].expression.rstrip() in block
        assert "| `target_down_ratio` | 0.1 | 0 to 0.9 | ratio |" in block

    def test_a_block_without_tunables_has_no_table(self) -> None:
        assert "|---" not in runbooks.render_block(CATALOGUE, CATALOGUE.alerts["ServiceDown"])

    def test_an_alert_without_a_duration_fires_at_once(self) -> None:
        assert "Fires at once." in runbooks.render_block(CATALOGUE, CATALOGUE.alerts["CertificateExpired"])

    def test_only_the_block_is_replaced(self) -> None:
        alert = CATALOGUE.alerts["ServiceDown"]
        text = runbooks.render(CATALOGUE, alert, f"before\n{START}\nold\n{END}\nafter\n")
        assert text == f"before\n{runbooks.render_block(CATALOGUE, alert)}\nafter\n"

    def test_a_panel_slug_becomes_a_grafana_link(self) -> None:
        alert = CATALOGUE.alerts["TargetDown"]
        slug = f"`{alert.annotations['dashboard_url']}`"
        text = runbooks.render(CATALOGUE, alert, f"{START}{END}\n{slug}\n")
        assert text.endswith("\n`d/bais-infrastructure?viewPanel=736762`\n")
        assert runbooks.render(CATALOGUE, alert, text) == text

    def test_a_block_of_a_stack_shows_its_threshold_next_to_the_default(self) -> None:
        alert = CATALOGUE.alerts["TargetDown"]
        changed = runbooks.render_block(CATALOGUE, alert, {"target_down_ratio": 0.25})
        assert "| tunable | here | default | range | unit |\n|---|---|---|---|---|\n" in changed
        assert "| `target_down_ratio` | 0.25 | 0.1 | 0 to 0.9 | ratio |" in changed
        unchanged = runbooks.render_block(CATALOGUE, alert, {"target_down_ratio": 0.1})
        assert "| `target_down_ratio` | 0.1 | the same | 0 to 0.9 | ratio |" in unchanged

    @pytest.mark.parametrize("text", ["none", f"{START}{END}{START}{END}"])
    def test_a_runbook_without_exactly_one_block_is_rejected(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"runbooks/ServiceDown\.md needs exactly one block"):
            runbooks.render(CATALOGUE, CATALOGUE.alerts["ServiceDown"], text)

    def test_the_command_writes_files_or_only_checks_them(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for path in RUNBOOKS.glob("*.md"):
            (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        stale = tmp_path / "ServiceDown.md"
        stale.write_text(f"{START}\n{END}\n", encoding="utf-8")
        outdated = runbooks.outdated
        monkeypatch.setattr(runbooks, "outdated", lambda catalogue: outdated(catalogue, tmp_path))

        assert runbooks.main(["--check"]) == 1
        assert capsys.readouterr().out == "runbooks/ServiceDown.md is out of date; run: make generate\n"
        assert runbooks.main([]) == 0
        assert "max by (namespace, job, service)" in stale.read_text(encoding="utf-8")
        assert runbooks.main(["--check"]) == 0
