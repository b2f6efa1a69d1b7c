"""A new alert by docs/guides/alert.md: the tests list its gaps, and nothing but what the guide names changes."""

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import Final

import pytest

from tests.guides.scratch_copy import ScratchCopy

pytestmark = pytest.mark.slow

NAME: Final = "CacheClientsBlocked"
TUNABLE: Final = "redis_blocked_clients_count"
RULES: Final = "rules/cache.yaml"
CASES: Final = "tests/rules/cache_test.yaml"
RUNBOOK: Final = f"runbooks/{NAME}.md"
TEXTS: Final = Path(__file__).parent / "alert"

TEST_RULES: Final = "tests/rules/test_rules.py"
TEST_RUNBOOKS: Final = "tests/catalogue/test_runbooks.py"
TEST_LINKS: Final = "tests/dashboards/test_links.py"


@dataclass(frozen=True)
class Scaffolded:
    """The copy with the scaffold of the alert: its files, its gaps as `file:line`, failed tests and their output."""

    copy: ScratchCopy
    files: list[str]
    gaps: list[str]
    failed: set[str]
    output: str


def text(name: str) -> str:
    return (TEXTS / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def scaffolded(tmp_path_factory: pytest.TempPathFactory) -> Scaffolded:
    """Step 1, and the tests that report the gaps."""
    copy = ScratchCopy.create(tmp_path_factory.mktemp("alert") / "checkout")
    copy.run_ok("-m", "catalogue.scaffold", "--severity", "warning", "--", NAME, "cache")
    files = copy.changed_files()
    gaps = [
        f"{path}:{number}"
        for path in files
        for number, line in enumerate(copy.read(path).splitlines(), 1)
        if "TODO" in line
    ]
    failed, output = copy.failed_tests(TEST_RULES, TEST_RUNBOOKS, TEST_LINKS, "-k", f"{NAME} or cache or no_gap")
    return Scaffolded(copy, files, gaps, failed, output)


@pytest.fixture(scope="module")
def filled(scaffolded: Scaffolded) -> ScratchCopy:
    """Steps 2 to 8, without the tests."""
    copy = scaffolded.copy
    for path in (RULES, CASES):
        copy.restore(path)
    end = "\n\n  # With a policy allkeys-*"  # the group before has this comment after it
    copy.replace(RULES, end, f"\n\n{indent(text('rule.yaml'), 6 * ' ')}{end.removeprefix(chr(10))}")
    copy.replace(
        "rules/tunables.yaml", "redis_command_slow_seconds:\n", f"{text('tunable.yaml')}redis_command_slow_seconds:\n"
    )
    copy.write(CASES, f"{copy.read(CASES)}\n{indent(text('cases.yaml'), 2 * ' ')}")
    copy.insert_after(
        "dashboards/boards/cache.py",
        "            signals=(cache.BLOCKED_CLIENTS,),\n",
        f'            limits=above(warning="{TUNABLE}"),\n',
    )
    generated, _, _ = copy.read(RUNBOOK).partition("## Meaning\n")
    copy.write(RUNBOOK, generated + text("runbook.md"))
    copy.insert_after(
        "tests/catalogue/healthy.yaml", "    redis_connected_clients: 20\n", "    redis_blocked_clients: 0\n"
    )
    copy.insert_after("CHANGELOG.md", "## [Unreleased]\n\n### Added\n\n", f"- Alert `{NAME}`.\n")
    copy.generate()
    return copy


def test_the_scaffold_consists_of_the_three_files_of_the_guide(scaffolded: Scaffolded) -> None:
    assert scaffolded.files == sorted([RULES, CASES, RUNBOOK])
    assert len(scaffolded.gaps) > 20


def test_exactly_the_tests_of_gaps_fail(scaffolded: Scaffolded) -> None:
    assert scaffolded.failed == {
        f"{TEST_RULES}::test_no_gap_of_a_new_alert_is_left[rules]",
        f"{TEST_RULES}::test_no_gap_of_a_new_alert_is_left[tests]",
        f"{TEST_RULES}::test_promtool_proves_every_case[cache-{NAME}]",
        f"{TEST_RUNBOOKS}::test_a_runbook_is_complete[cache]",
        f"{TEST_RUNBOOKS}::test_a_diagnosis_has_a_command_and_links_the_dashboard_panel[cache]",
        f"{TEST_LINKS}::test_every_alert_opens_an_existing_panel[cache]",
        f"{TEST_LINKS}::test_exactly_the_panels_that_show_an_alert_list_it[cache]",
        f"{TEST_LINKS}::test_the_panel_of_an_alert_shows_all_its_limits[cache]",
    }, scaffolded.output


def test_each_gap_of_the_rule_and_its_cases_is_listed(scaffolded: Scaffolded) -> None:
    listed = [gap.rpartition("/")[2] for gap in scaffolded.gaps if not gap.startswith(RUNBOOK)]
    assert [gap for gap in listed if f"{gap}: " not in scaffolded.output] == []


def test_the_tests_of_the_guide_pass(filled: ScratchCopy) -> None:
    failed, output = filled.failed_tests(
        TEST_RULES,
        "tests/rules/test_exporter_metrics.py",
        TEST_RUNBOOKS,
        "tests/catalogue/test_healthy.py",
        "tests/catalogue/test_requirements.py",
        TEST_LINKS,
        "tests/dashboards/test_golden.py",
        "tests/dashboards/test_requirement_docs.py",
        "tests/routing/test_inhibition.py",
        "-k",
        f"{NAME} or cache or not (promtool_proves or week)",
    )
    assert failed == set(), output


def test_a_case_fails_for_each_change_of_the_rule(filled: ScratchCopy) -> None:
    # The verdict on all rules is the business of `make mutate`.
    output = filled.run("-m", "tools.mutation", NAME).stdout
    assert re.search(rf"^\[1/1\] {NAME}: ([1-9][0-9]*) of \1 killed$", output, re.MULTILINE), output
    assert f"\n{NAME}:\n" in filled.read("tools/mutation/results.yaml")


def test_the_program_deploys_the_alert_with_its_runbook(filled: ScratchCopy) -> None:
    resources = filled.deployed("prod")
    rules = [
        rule
        for (kind, _), inputs in resources.items()
        if kind.endswith(":PrometheusRule")
        for group in inputs["spec"]["groups"]
        for rule in group["rules"]
        if rule.get("alert") == NAME
    ]
    assert [(rule["for"], rule["labels"]["severity"]) for rule in rules] == [("10m", "warning")]
    assert "> 100" in rules[0]["expr"]
    runbooks = [inputs["data"] for _, inputs in resources.items() if f"{NAME}.md" in inputs.get("data", {})]
    assert [f"`{TUNABLE}`" in data[f"{NAME}.md"] for data in runbooks] == [True]


def test_nothing_but_what_the_guide_names_has_changed(filled: ScratchCopy) -> None:
    assert RUNBOOK in filled.changed_files()
    assert filled.unnamed_changes("alert.md", area="cache", board="cache", AlertName=NAME, source="cache") == []
