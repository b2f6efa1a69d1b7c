"""Loading of the rule files: every problem is reported at once."""

from pathlib import Path
from typing import Final

import pytest

from catalogue import tunables
from catalogue.loader import load
from catalogue.model import AREAS, Tunable
from common.problems import CatalogueError
from tests.catalogue.conftest import Write
from tests.catalogue.small_catalogue import RULE_FILE, TUNABLES_FILE

CATALOGUE: Final = load()


def problems_in(folder: Path) -> list[str]:
    """Return the problems that loading a folder reports, as lines."""
    with pytest.raises(CatalogueError) as error:
        load(folder)
    assert str(error.value).splitlines() == [str(problem) for problem in error.value.problems]
    return [str(problem) for problem in error.value.problems]


class TestLoading:
    def test_areas_are_in_their_fixed_order(self) -> None:
        names = [area.name for area in CATALOGUE.areas]
        assert names == sorted(names, key=AREAS.index)

    def test_a_tunable_takes_its_default_from_the_rule_and_other_fields_from_its_entry(self, write: Write) -> None:
        purpose = "Share of the memory in use that is worth a warning."
        expected = Tunable("cache_memory_ratio", 0.9, "ratio", 0.5, 1, purpose)
        assert load(write()).tunables == {"cache_memory_ratio": expected}

    def test_an_alert_has_its_fields(self, write: Write) -> None:
        alert = load(write()).alerts["CacheMemoryHigh"]
        assert (alert.area, alert.duration, alert.severity) == ("cache", "5m", "warning")
        assert alert.tunables == ("cache_memory_ratio",)

    def test_generated_slo_rules_belong_to_their_area(self, write: Write) -> None:
        folder = write()
        rules = "groups: [{name: cache.slo-hits, rules: [{record: 'service:slo_hits:rate5m', expr: up}]}]"
        (folder / "cache_slos.yaml").write_text(rules, encoding="utf-8")
        [area] = load(folder).areas
        assert (area.name, [group.name for group in area.groups]) == ("cache", ["cache.memory", "cache.slo-hits"])

    def test_a_problem_in_generated_rules_names_their_file(self, write: Write) -> None:
        folder = write()
        (folder / "cache_slos.yaml").write_text("groups: [{name: api.slo, rules: []}]", encoding="utf-8")
        assert problems_in(folder) == ["cache_slos.yaml: api.slo: found api.slo; allowed: a name such as cache.topic"]

    def test_a_folder_without_rule_files_gives_an_empty_catalogue(self, tmp_path: Path) -> None:
        assert load(tmp_path).areas == ()

    def test_the_mappings_are_read_only(self) -> None:
        with pytest.raises(TypeError):
            CATALOGUE.alerts["New"] = CATALOGUE.alerts["Watchdog"]  # type: ignore[index]


SECOND_ALERT: Final = RULE_FILE[RULE_FILE.index("      - alert:") :]

BROKEN_FILES: Final[dict[str, tuple[tuple[str, str], str]]] = {
    "YAML that does not parse": (("groups:", "groups: ["), "allowed: valid YAML"),
    "a second top-level key": (
        ("groups:", "rules: []\ngroups:"),
        "cache.yaml: found rules, groups; allowed: exactly one key",
    ),
    "a group without rules": (("    rules:", "    roles:"), "allowed: a group with `name` and a list `rules`"),
    "a group of another area": (("cache.memory", "database.memory"), "allowed: a name such as cache.topic"),
    "a rule without expression": (
        ("expr: |\n          redis", "expression: |\n          redis"),
        "allowed: a rule with `alert` or `record`, and `expr`",
    ),
    "an expression that is not PromQL": (("/ (redis", "/ / (redis"), "instance:redis_memory:ratio.expr: found"),
    "an unknown field": (
        ("for: 5m", "for: 5m\n        query_offset: 5m"),
        "CacheMemoryHigh.query_offset: found an unknown field; "
        "allowed: alert, expr, for, keep_firing_for, labels, annotations",
    ),
    "a name that is not CamelCase": (
        ("alert: CacheMemoryHigh", "alert: cache_high"),
        "a name such as SubjectCondition",
    ),
    "a missing label": (("          team: platform\n", ""), "CacheMemoryHigh.labels.team: found no value"),
    "an empty label": (("team: platform", "team: ''"), "CacheMemoryHigh.labels.team: found ''"),
    "a missing annotation": (
        ("          impact: Keys are evicted.\n", ""),
        "CacheMemoryHigh.annotations.impact: found no value",
    ),
    "an unknown severity": (
        ("severity: warning", "severity: page"),
        "cache.yaml: CacheMemoryHigh.labels.severity: found page; allowed: critical, warning, info, none",
    ),
    "the label of another area": (
        ("area: cache", "area: api"),
        "CacheMemoryHigh.labels.area: found api; allowed: cache",
    ),
    "the runbook of another alert": (
        ("runbooks/CacheMemoryHigh.md", "runbooks/CacheFull.md"),
        "runbook_url: found runbooks/CacheFull.md; allowed: runbooks/CacheMemoryHigh.md",
    ),
    "an invalid duration": (("for: 5m", "for: 5min"), "CacheMemoryHigh.for: found '5min'"),
    "a duration that is a number": (("for: 5m", "for: 5"), "CacheMemoryHigh.for: found 5"),
    "a marker without a number": (("> 0.90 ", "> scalar(up) "), f"allowed: {tunables.MARKER_FORMAT}"),
    "a marker after two numbers": (("> 0.90 ", "> 2 * 0.90 "), f"allowed: {tunables.MARKER_FORMAT}"),
    "a marker after a negative number": (("> 0.90 ", "> -0.90 "), f"allowed: {tunables.MARKER_FORMAT}"),
    "a marker after a duration": (("> 0.90 ", "offset 5m "), f"allowed: {tunables.MARKER_FORMAT}"),
    "a marker without a name": (("# tunable: cache_memory_ratio", "# tunable:"), f"allowed: {tunables.MARKER_FORMAT}"),
    "a marker with more than a name": (
        ("cache_memory_ratio\n", "cache_memory_ratio, ask\n"),
        f"allowed: {tunables.MARKER_FORMAT}",
    ),
    "a marker that YAML parses as a comment": (
        ("expr: |\n          instance:redis_memory:ratio\n          >", "expr: instance:redis_memory:ratio >"),
        "the marker of cache_memory_ratio outside an expression",
    ),
    "one tunable with two defaults": (
        (
            "(redis_memory_max_bytes > 0)",
            "(redis_memory_max_bytes > 0)\n          < 0.95  # tunable: cache_memory_ratio",
        ),
        "found 0.90 for cache_memory_ratio; allowed: 0.95, the default where it is first used",
    ),
    "a default outside its range": (("0.90", "0.40"), "found the default 0.40; allowed: a default from 0.5 to 1"),
    "a marker without an entry": (
        ("cache_memory_ratio\n", "cache_ratio\n"),
        "tunables.yaml: cache_ratio: found no entry",
    ),
    "an entry without a marker": (
        ("  # tunable: cache_memory_ratio", ""),
        "tunables.yaml: cache_memory_ratio: found an entry that no rule uses",
    ),
    "two alerts with the same name": (
        ("      - alert:", SECOND_ALERT + "      - alert:"),
        "CacheMemoryHigh: found a duplicate alert name, first used in cache.yaml",
    ),
    "two groups with the same name": (
        ("groups:\n", "groups:\n  - name: cache.memory\n    rules: []\n"),
        "cache.memory: found a duplicate group name",
    ),
    "a group with too many rules": (
        ("    rules:\n", "    rules:\n" + "      - {record: 'a:b:c', expr: up}\n" * 19),
        "found 21 rules; allowed: at most 20 rules per group",
    ),
}


class TestBrokenFiles:
    @pytest.mark.parametrize(("change", "expected"), BROKEN_FILES.values(), ids=BROKEN_FILES)
    def test_a_broken_rule_file_is_rejected(self, write: Write, change: tuple[str, str], expected: str) -> None:
        assert any(expected in line for line in problems_in(write(change)))

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("  unit: ratio\n", "", "allowed: exactly unit, minimum, maximum, purpose"),
            ("unit: ratio", "unit: 5", "cache_memory_ratio.unit: found 5"),
            (
                "minimum: 0.5",
                "minimum: low",
                "cache_memory_ratio.minimum: found 'low'; allowed: a number of at least 0",
            ),
            ("minimum: 0.5", "minimum: -1", "cache_memory_ratio.minimum: found -1"),
            ("maximum: 1", "maximum: true", "cache_memory_ratio.maximum: found True"),
        ],
    )
    def test_a_broken_entry_of_a_tunable_is_rejected(self, write: Write, old: str, new: str, expected: str) -> None:
        assert any(expected in line for line in problems_in(write(tunables=TUNABLES_FILE.replace(old, new))))

    def test_a_file_of_an_unknown_area_is_rejected(self, write: Write) -> None:
        folder = write()
        (folder / "cahce.yaml").write_text("groups: []", encoding="utf-8")
        assert problems_in(folder)[0].startswith("cahce.yaml: found an unknown file; allowed: api.yaml")

    def test_all_problems_are_reported_at_once(self, write: Write) -> None:
        lines = problems_in(write(("for: 5m", "for: soon"), ("severity: warning", "severity: page"), ("0.90", "9")))
        assert len(lines) == 3

    def test_a_comment_line_is_not_a_marker(self, write: Write) -> None:
        load(write(("groups:", "# A threshold is marked with  # tunable: some_name\ngroups:")))
