"""Each alert has a runbook that an engineer can follow at three in the morning, and it cannot drift from its rule."""

import re
from pathlib import Path

import promql_parser
import pytest

from catalogue import runbooks
from catalogue.loader import load
from catalogue.panel_links import panel_link
from catalogue.runbooks import END, START
from catalogue.tunables import format_number
from common.project import RUNBOOKS
from tools.catalogue.runbooks import HEADINGS, gaps, own_text, section

CATALOGUE = load()

each_alert = pytest.mark.parametrize("name", CATALOGUE.alerts)


def text_of(name: str) -> str:
    """Return the text of an alert's runbook."""
    return (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")


def test_each_alert_has_a_runbook_and_no_runbook_is_left_over() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == set(CATALOGUE.alerts)


@each_alert
def test_a_runbook_is_complete(name: str) -> None:
    assert gaps(name, text_of(name)) == []


@pytest.mark.parametrize(
    ("written", "changed", "gap"),
    [
        ("## Impact\n", "", "headings: found Meaning, Diagnosis, "),
        (
            "## Impact\n",
            "## Impact\n\nNone.\n\n## Diagnosis\n",
            "headings: found Meaning, Impact, Diagnosis, Diagnosis, ",
        ),
        ("# ServiceDown\n", "# ServiceUp\n", "title: found ServiceUp; allowed: ServiceDown"),
        ("## Meaning\n", "## Meaning\n\nTODO\n", "text: found TODO; allowed: what it stands for"),
    ],
)
def test_a_gap_in_a_runbook_is_named(written: str, changed: str, gap: str) -> None:
    text = text_of("ServiceDown")
    assert written in text
    assert any(found.startswith(gap) for found in map(str, gaps("ServiceDown", text.replace(written, changed, 1))))


def test_an_empty_section_of_a_runbook_and_a_short_one_are_named() -> None:
    headings = "".join(f"## {heading}\n" for heading in HEADINGS)
    assert [problem.key for problem in gaps("ServiceDown", f"# ServiceDown\n{headings}")] == [*HEADINGS, "text"]


@each_alert
def test_a_diagnosis_gives_something_to_run_and_opens_the_dashboard(name: str) -> None:
    diagnosis = section(text_of(name), "Diagnosis")
    assert "```" in diagnosis
    assert f"`{panel_link(CATALOGUE.alerts[name].annotations['dashboard_url'])}`" in diagnosis


@each_alert
def test_no_runbook_states_a_limit_that_a_stack_may_change(name: str) -> None:
    for tunable in CATALOGUE.alerts[name].tunables:
        number = re.escape(format_number(CATALOGUE.tunables[tunable].default))
        assert not re.search(rf"(?<![\w.]){number}(?![\w.])", own_text(text_of(name)))


@each_alert
def test_each_query_of_a_runbook_parses(name: str) -> None:
    for queries in re.findall(r"```promql\n(.*?)```", own_text(text_of(name)), flags=re.DOTALL):
        for query in queries.splitlines():
            promql_parser.parse(query)


def test_the_generated_parts_are_current() -> None:
    assert not runbooks.outdated(CATALOGUE), "run: python -m catalogue.runbooks"


def test_no_two_runbooks_say_the_same() -> None:
    meanings = [section(text_of(name), "Meaning") for name in CATALOGUE.alerts]
    assert len(set(meanings)) == len(meanings)


def test_a_runbook_that_is_missing_or_cannot_be_kept_current_is_named(tmp_path: Path) -> None:
    for path in RUNBOOKS.glob("*.md"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    assert runbooks.find_problems(CATALOGUE, tmp_path) == []
    (tmp_path / "RedisDown.md").unlink()
    (tmp_path / "ServiceDown.md").write_text("none", encoding="utf-8")
    assert sorted((problem.key, problem.found) for problem in runbooks.find_problems(CATALOGUE, tmp_path)) == [
        ("runbooks/RedisDown.md", "no file"),
        ("runbooks/ServiceDown.md", "0 blocks"),
    ]


class TestGenerating:
    """The generated block follows the rule and leaves the rest of a runbook alone."""

    def test_a_block_states_severity_duration_expression_and_tunables(self) -> None:
        block = runbooks.render_block(CATALOGUE, CATALOGUE.alerts["TargetDown"])
        assert "Severity: warning. Fires after 10m." in block
        assert CATALOGUE.alerts["TargetDown"].expression.rstrip() in block
        assert "| `target_down_ratio` | 0.1 | 0 to 0.9 | ratio |" in block

    def test_a_block_without_tunables_has_no_table(self) -> None:
        assert "|---" not in runbooks.render_block(CATALOGUE, CATALOGUE.alerts["ServiceDown"])

    def test_an_alert_without_duration_fires_at_once(self) -> None:
        assert "Fires at once." in runbooks.render_block(CATALOGUE, CATALOGUE.alerts["CertificateExpired"])

    def test_only_the_block_is_replaced(self) -> None:
        alert = CATALOGUE.alerts["ServiceDown"]
        text = runbooks.render(CATALOGUE, alert, f"before\n{START}\nold\n{END}\nafter\n")
        assert text == f"before\n{runbooks.render_block(CATALOGUE, alert)}\nafter\n"

    def test_a_link_to_a_panel_becomes_one_that_grafana_opens(self) -> None:
        alert = CATALOGUE.alerts["TargetDown"]
        slug = f"`{alert.annotations['dashboard_url']}`"
        text = runbooks.render(CATALOGUE, alert, f"{START}{END}\n{slug}\n")
        assert text.endswith("\n`d/bais-infrastructure?viewPanel=panel-736762`\n")
        assert runbooks.render(CATALOGUE, alert, text) == text

    def test_a_stacks_block_states_its_number_beside_a_default_that_it_differs_from(self) -> None:
        alert = CATALOGUE.alerts["TargetDown"]
        changed = runbooks.render_block(CATALOGUE, alert, {"target_down_ratio": 0.25})
        assert "| tunable | here | default | range | unit |\n|---|---|---|---|---|\n" in changed
        assert "| `target_down_ratio` | 0.25 | 0.1 | 0 to 0.9 | ratio |" in changed
        unchanged = runbooks.render_block(CATALOGUE, alert, {"target_down_ratio": 0.1})
        assert "| `target_down_ratio` | 0.1 | the same | 0 to 0.9 | ratio |" in unchanged

    @pytest.mark.parametrize("text", ["none", f"{START}{END}{START}{END}"])
    def test_a_runbook_without_exactly_one_block_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"runbooks/ServiceDown\.md needs exactly one block"):
            runbooks.render(CATALOGUE, CATALOGUE.alerts["ServiceDown"], text)

    def test_the_command_checks_without_writing_and_writes_when_asked(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for path in RUNBOOKS.glob("*.md"):
            (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        stale = tmp_path / "ServiceDown.md"
        stale.write_text(f"{START}\n{END}\n", encoding="utf-8")
        outdated = runbooks.outdated
        monkeypatch.setattr(runbooks, "outdated", lambda catalogue: outdated(catalogue, tmp_path))

        assert runbooks.main(["--check"]) == 1
        assert capsys.readouterr().out == "runbooks/ServiceDown.md is not current\n"
        assert runbooks.main([]) == 0
        assert "max by (namespace, job, service)" in stale.read_text(encoding="utf-8")
        assert runbooks.main(["--check"]) == 0
