"""Scaffold of a new alert: reported gaps and rejected input."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Final

import pytest
from click.testing import CliRunner

from catalogue import scaffold
from catalogue.loader import load
from catalogue.scaffold import GAP
from common.problems import CatalogueError
from common.project import PROJECT

pytestmark = pytest.mark.slow

Run = Callable[..., CompletedProcess[str]]

FILES: Final = ("rules/cache.yaml", "tests/rules/cache_test.yaml", "runbooks/CacheTooCold.md")


def test_a_new_alert_fails_the_tests_until_its_gaps_are_filled(checkout: Path, run: Run) -> None:
    scaffolded = run("catalogue.scaffold", "CacheTooCold", "cache", "--severity", "critical")
    assert scaffolded.returncode == 0, scaffolded.stderr
    assert all(f"{name}: " in scaffolded.stdout for name in FILES)

    alert = load(checkout / "rules").alerts["CacheTooCold"]
    assert (alert.area, alert.severity, alert.labels["team"]) == ("cache", "critical", "platform")

    tests = run(
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/rules/test_rules.py",
        "tests/catalogue/test_runbooks.py",
        "-k",
        "test_no_gap or (cache and test_a_runbook_is_complete) or (CacheTooCold and test_promtool_proves)",
    )
    failed = [line for line in tests.stdout.splitlines() if line.startswith("FAILED")]
    for test in (
        "test_no_gap_of_a_new_alert_is_left[rules]",
        "test_no_gap_of_a_new_alert_is_left[tests]",
        "test_promtool_proves_every_case[cache-CacheTooCold]",
        "test_a_runbook_is_complete[cache]",
    ):
        assert any(test in line for line in failed), tests.stdout
    assert "runbooks/CacheTooCold.md: text: found TODO" in tests.stdout


def test_new_texts_are_appended_to_the_files_of_the_area(checkout: Path) -> None:
    before = {name: (PROJECT / name).read_text(encoding="utf-8") for name in FILES[:2]}
    texts = scaffold.render_files(load(), "CacheTooCold", "cache", "warning", checkout)
    assert [str(path.relative_to(checkout)) for path in texts] == list(FILES)
    for path, text in texts.items():
        assert text.startswith(before.get(str(path.relative_to(checkout)), "# CacheTooCold\n"))
        assert GAP in text


@pytest.mark.parametrize(
    ("arguments", "problems"),
    [
        (
            ["ServiceDown", "cache"],
            ["NAME: found ServiceDown, an existing alert in availability; allowed: a name that no alert uses"],
        ),
        (
            ["cache_cold", "cache"],
            ["NAME: found 'cache_cold'; allowed: a name such as SubjectCondition, at most 40"],
        ),
        (["C" * 41, "cache"], ["allowed: a name such as SubjectCondition, at most 40 characters"]),
        (
            ["", "cahce", "--severity=page"],
            ["NAME: found ''", "AREA: found 'cahce'; allowed: api, ", "SEVERITY: found 'page'"],
        ),
        (["CacheTooCold", "cache", "--severity=none"], ["SEVERITY: found 'none'; allowed: critical, warning, info"]),
    ],
)
def test_invalid_input_is_rejected_at_once_and_writes_nothing(arguments: list[str], problems: list[str]) -> None:
    result = CliRunner().invoke(scaffold.main, arguments)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == len(problems)
    assert all(problem in line for problem, line in zip(problems, lines, strict=True))
    assert not list((PROJECT / "runbooks").glob("*CacheTooCold*"))


def test_an_existing_runbook_is_not_overwritten(checkout: Path) -> None:
    (checkout / "runbooks" / "CacheTooCold.md").write_text("mine\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"found runbooks/CacheTooCold\.md"):
        scaffold.render_files(load(), "CacheTooCold", "cache", "warning", checkout)
