"""A new alert begins as rule, cases and runbook whose gaps the tests name; bad input is refused in one go."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from click.testing import CliRunner

from catalogue import scaffold
from catalogue.loader import load
from catalogue.scaffold import GAP
from common.problems import CatalogueError
from common.project import PROJECT

Run = Callable[..., CompletedProcess[str]]

FILES = ("rules/cache.yaml", "tests/rules/cache_test.yaml", "runbooks/CacheTooCold.md")


def test_a_new_alert_fails_the_tests_of_its_rule_its_cases_and_its_runbook(checkout: Path, run: Run) -> None:
    started = run("catalogue.scaffold", "CacheTooCold", "cache", "--severity", "critical")
    assert started.returncode == 0, started.stderr
    assert all(f"{name}: " in started.stdout for name in FILES)

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
        "CacheTooCold or test_no_gap",
    )
    failed = [line for line in tests.stdout.splitlines() if line.startswith("FAILED")]
    for test in (
        "test_no_gap_of_a_new_alert_is_left[cache.yaml]",
        "test_no_gap_of_a_new_alert_is_left[cache_test.yaml]",
        "test_promtool_proves[CacheTooCold]",
        "test_a_runbook_is_complete[CacheTooCold]",
    ):
        assert any(test in line for line in failed), tests.stdout


def test_what_is_written_follows_what_was_there(checkout: Path) -> None:
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
            ["NAME: found ServiceDown, an alert of availability; allowed: a name that no alert has"],
        ),
        (
            ["cache_cold", "cache"],
            ["NAME: found 'cache_cold'; allowed: a name such as SubjectCondition, 40 characters or"],
        ),
        (["C" * 41, "cache"], ["allowed: a name such as SubjectCondition, 40 characters or fewer"]),
        (
            ["", "cahce", "--severity=page"],
            ["NAME: found ''", "AREA: found 'cahce'; allowed: api, ", "SEVERITY: found 'page'"],
        ),
        (["CacheTooCold", "cache", "--severity=none"], ["SEVERITY: found 'none'; allowed: critical, warning, info"]),
    ],
)
def test_bad_input_is_refused_all_at_once_and_writes_nothing(arguments: list[str], problems: list[str]) -> None:
    result = CliRunner().invoke(scaffold.main, arguments)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == len(problems)
    assert all(problem in line for problem, line in zip(problems, lines, strict=True))
    assert not list((PROJECT / "runbooks").glob("*CacheTooCold*"))


def test_a_runbook_that_is_there_is_not_overwritten(checkout: Path) -> None:
    (checkout / "runbooks" / "CacheTooCold.md").write_text("mine\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"found runbooks/CacheTooCold\.md"):
        scaffold.render_files(load(), "CacheTooCold", "cache", "warning", checkout)
