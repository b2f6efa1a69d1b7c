"""The loader refuses a broken catalogue with every problem at once, and changes only what a stack asks for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from catalogue import tunables
from catalogue.loader import load
from catalogue.model import AREAS, Catalogue, Tunable, slo_file
from catalogue.panel_links import panel_link
from catalogue.stack import for_stack
from common.problems import CatalogueError, Problem
from common.project import RULES

CATALOGUE = load()
BASES = {"runbook_base": "https://git.example.com/bais/", "grafana_base": "https://grafana.example.com"}

RULE_FILE = """\
groups:
  - name: cache.memory
    interval: 1m
    rules:
      - record: instance:redis_memory:ratio
        expr: |
          redis_memory_used_bytes / (redis_memory_max_bytes > 0)
      - alert: CacheMemoryHigh
        expr: |
          instance:redis_memory:ratio
          > 0.90  # tunable: cache_memory_ratio
        for: 5m
        labels:
          severity: warning
          team: platform
          area: cache
        annotations:
          summary: The cache is nearly full.
          description: "{{ $labels.service }} uses {{ $value | humanizePercentage }}."
          impact: Keys are evicted.
          action: Add memory.
          runbook_url: runbooks/CacheMemoryHigh.md
          dashboard_url: d/bais-cache?viewPanel=memory
"""
TUNABLES_FILE = """\
cache_memory_ratio:
  unit: ratio
  minimum: 0.5
  maximum: 1
  purpose: Share of the memory in use that is worth a warning.
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a small catalogue, changed by replacements, and returns its folder."""

    def write_catalogue(*changes: tuple[str, str], tunables: str = TUNABLES_FILE) -> Path:
        text = RULE_FILE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "cache.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "tunables.yaml").write_text(tunables, encoding="utf-8")
        return tmp_path

    return write_catalogue


def problems_in(folder: Path) -> list[str]:
    """Return the problems that loading a folder reports, as lines."""
    with pytest.raises(CatalogueError) as error:
        load(folder)
    assert str(error.value).splitlines() == [str(problem) for problem in error.value.problems]
    return [str(problem) for problem in error.value.problems]


def plain(catalogue: Catalogue, **overrides: Any) -> dict[str, dict[str, Any]]:
    """Render a catalogue without changes except the ones given."""
    stack = {name: overrides.pop(name) for name in ("tunables", "overrides") if name in overrides}
    return for_stack(catalogue=catalogue, **stack).render(**{**BASES, **overrides})


def override_problems(catalogue: Catalogue, tunables: dict[str, Any], overrides: dict[str, Any]) -> list[Problem]:
    """Return the problems for which a stack's tunables and overrides are refused."""
    try:
        for_stack(tunables=tunables, overrides=overrides, catalogue=catalogue)
    except CatalogueError as error:
        return list(error.problems)
    return []


def rule(rendered: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    """Return one rule of a rendered catalogue."""
    rules = [rule for area in rendered.values() for group in area["groups"] for rule in group["rules"]]
    found = [rule for rule in rules if name in (rule.get("alert"), rule.get("record"))]
    assert len(found) == 1
    return dict(found[0])


class TestLoading:
    """A sound catalogue becomes a typed, immutable value."""

    def test_areas_come_in_their_fixed_order(self) -> None:
        names = [area.name for area in CATALOGUE.areas]
        assert names == sorted(names, key=AREAS.index)

    def test_a_tunable_has_its_default_from_the_rule_and_the_rest_from_its_entry(self, write: Write) -> None:
        purpose = "Share of the memory in use that is worth a warning."
        expected = Tunable("cache_memory_ratio", 0.9, "ratio", 0.5, 1, purpose)
        assert load(write()).tunables == {"cache_memory_ratio": expected}

    def test_an_alert_knows_its_fields(self, write: Write) -> None:
        alert = load(write()).alerts["CacheMemoryHigh"]
        assert (alert.area, alert.duration, alert.severity) == ("cache", "5m", "warning")
        assert alert.tunables == ("cache_memory_ratio",)

    def test_the_rules_written_for_objectives_join_their_area(self, write: Write) -> None:
        folder = write()
        written = "groups: [{name: cache.slo-hits, rules: [{record: 'service:slo_hits:rate5m', expr: up}]}]"
        (folder / "cache_slos.yaml").write_text(written, encoding="utf-8")
        [area] = load(folder).areas
        assert (area.name, [group.name for group in area.groups]) == ("cache", ["cache.memory", "cache.slo-hits"])

    def test_a_problem_in_written_rules_names_their_file(self, write: Write) -> None:
        folder = write()
        (folder / "cache_slos.yaml").write_text("groups: [{name: api.slo, rules: []}]", encoding="utf-8")
        assert problems_in(folder) == ["cache_slos.yaml: api.slo: found api.slo; allowed: a name such as cache.topic"]

    def test_a_folder_without_rule_files_is_an_empty_catalogue(self, tmp_path: Path) -> None:
        assert load(tmp_path).areas == ()

    def test_the_mappings_cannot_be_changed(self) -> None:
        with pytest.raises(TypeError):
            CATALOGUE.alerts["New"] = CATALOGUE.alerts["Watchdog"]  # type: ignore[index]


SECOND_ALERT = RULE_FILE[RULE_FILE.index("      - alert:") :]

FAULTS: dict[str, tuple[tuple[str, str], str]] = {
    "YAML that does not parse": (("groups:", "groups: ["), "allowed: YAML"),
    "something beside the groups": (
        ("groups:", "rules: []\ngroups:"),
        "cache.yaml: found rules, groups; allowed: a list",
    ),
    "a group without rules": (("    rules:", "    roles:"), "allowed: a group with `name` and a list `rules`"),
    "a group of another area": (("cache.memory", "database.memory"), "allowed: a name such as cache.topic"),
    "a rule without expression": (
        ("expr: |\n          redis", "expression: |\n          redis"),
        "allowed: a rule with `alert` or `record`, and `expr`",
    ),
    "an expression that is not PromQL": (("/ (redis", "/ / (redis"), "instance:redis_memory:ratio.expr: found"),
    "a field that would be lost": (
        ("for: 5m", "for: 5m\n        keep_firing_for: 5m"),
        "CacheMemoryHigh.keep_firing_for: found an unknown field; allowed: alert, expr, for, labels, annotations",
    ),
    "a name that is not CamelCase": (
        ("alert: CacheMemoryHigh", "alert: cache_high"),
        "a name such as SubjectCondition",
    ),
    "a label that is missing": (("          team: platform\n", ""), "CacheMemoryHigh.labels.team: found nothing"),
    "an empty label": (("team: platform", "team: ''"), "CacheMemoryHigh.labels.team: found ''"),
    "an annotation that is missing": (
        ("          impact: Keys are evicted.\n", ""),
        "CacheMemoryHigh.annotations.impact: found nothing",
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
    "a duration that Prometheus does not know": (("for: 5m", "for: 5min"), "CacheMemoryHigh.for: found '5min'"),
    "a duration that is a number": (("for: 5m", "for: 5"), "CacheMemoryHigh.for: found 5"),
    "a marker after no number": (("> 0.90 ", "> scalar(up) "), f"allowed: {tunables.FORM}"),
    "a marker after two numbers": (("> 0.90 ", "> 2 * 0.90 "), f"allowed: {tunables.FORM}"),
    "a marker after a negative number": (("> 0.90 ", "> -0.90 "), f"allowed: {tunables.FORM}"),
    "a marker after a duration": (("> 0.90 ", "offset 5m "), f"allowed: {tunables.FORM}"),
    "a marker without a name": (("# tunable: cache_memory_ratio", "# tunable:"), f"allowed: {tunables.FORM}"),
    "a marker with more than a name": (
        ("cache_memory_ratio\n", "cache_memory_ratio, ask\n"),
        f"allowed: {tunables.FORM}",
    ),
    "a marker that YAML swallows": (
        ("expr: |\n          instance:redis_memory:ratio\n          >", "expr: instance:redis_memory:ratio >"),
        "the marker of cache_memory_ratio outside of any expression",
    ),
    "one tunable with two defaults": (
        (
            "(redis_memory_max_bytes > 0)",
            "(redis_memory_max_bytes > 0)\n          < 0.95  # tunable: cache_memory_ratio",
        ),
        "found 0.90 for cache_memory_ratio; allowed: 0.95, as where it stands first",
    ),
    "a default outside of its range": (("0.90", "0.40"), "found the default 0.40; allowed: a default from 0.5 to 1"),
    "a marker without an entry": (
        ("cache_memory_ratio\n", "cache_ratio\n"),
        "tunables.yaml: cache_ratio: found no entry",
    ),
    "an entry without a marker": (
        ("  # tunable: cache_memory_ratio", ""),
        "tunables.yaml: cache_memory_ratio: found an entry that no rule uses",
    ),
    "two alerts of one name": (
        ("      - alert:", SECOND_ALERT + "      - alert:"),
        "CacheMemoryHigh: found a second alert of this name, the first is in cache.yaml",
    ),
    "two groups of one name": (
        ("groups:\n", "groups:\n  - name: cache.memory\n    rules: []\n"),
        "cache.memory: found a second group of this name",
    ),
    "a group that is too large": (
        ("    rules:\n", "    rules:\n" + "      - {record: 'a:b:c', expr: up}\n" * 19),
        "found 21 rules; allowed: at most 20 rules in a group",
    ),
}


class TestFaultsInFiles:
    """Each way to break a rule file is found and named."""

    @pytest.mark.parametrize(("change", "expected"), FAULTS.values(), ids=FAULTS.keys())
    def test_a_broken_rule_file_is_refused(self, write: Write, change: tuple[str, str], expected: str) -> None:
        assert any(expected in line for line in problems_in(write(change)))

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("  unit: ratio\n", "", "allowed: exactly unit, minimum, maximum, purpose"),
            ("unit: ratio", "unit: 5", "cache_memory_ratio.unit: found 5"),
            ("minimum: 0.5", "minimum: low", "cache_memory_ratio.minimum: found 'low'; allowed: a number, 0 or more"),
            ("minimum: 0.5", "minimum: -1", "cache_memory_ratio.minimum: found -1"),
            ("maximum: 1", "maximum: true", "cache_memory_ratio.maximum: found True"),
        ],
    )
    def test_a_broken_entry_of_a_tunable_is_refused(self, write: Write, old: str, new: str, expected: str) -> None:
        assert any(expected in line for line in problems_in(write(tunables=TUNABLES_FILE.replace(old, new))))

    def test_a_file_of_no_area_is_refused_instead_of_ignored(self, write: Write) -> None:
        folder = write()
        (folder / "cahce.yaml").write_text("groups: []", encoding="utf-8")
        assert problems_in(folder)[0].startswith("cahce.yaml: found an unknown file; allowed: api.yaml")

    def test_all_problems_are_reported_at_once(self, write: Write) -> None:
        lines = problems_in(write(("for: 5m", "for: soon"), ("severity: warning", "severity: page"), ("0.90", "9")))
        assert len(lines) == 3

    def test_a_comment_line_of_the_file_is_no_marker(self, write: Write) -> None:
        load(write(("groups:", "# A limit is marked with  # tunable: some_name\ngroups:")))


class TestOverrideFaults:
    """What a stack may not say, and what it is told."""

    def test_nothing_to_change_is_no_problem(self) -> None:
        assert override_problems(CATALOGUE, {}, {}) == []

    def test_an_unknown_tunable_lists_the_known_ones_and_the_closest(self) -> None:
        [problem] = override_problems(CATALOGUE, {"target_dwn_ratio": 0.2}, {})
        assert problem.key == "alerts.tunables.target_dwn_ratio"
        assert all(name in problem.allowed for name in CATALOGUE.tunables)
        first = min(CATALOGUE.tunables)
        assert problem.allowed.startswith(f"target_down_ratio (did you mean that?), or one of {first}, ")

    def test_an_unknown_alert_lists_the_known_ones_and_the_closest(self) -> None:
        [problem] = override_problems(CATALOGUE, {}, {"ServiceDwn": {"for": "5m"}})
        assert problem.key == "alerts.overrides.ServiceDwn"
        assert problem.allowed.startswith(f"ServiceDown (did you mean that?), or one of {min(CATALOGUE.alerts)}, ")

    def test_a_name_close_to_nothing_gets_no_suggestion(self) -> None:
        [problem] = override_problems(CATALOGUE, {"zzz": 1}, {})
        assert "did you mean" not in problem.allowed

    @pytest.mark.parametrize("value", [True, "0.2", None, [], float("nan"), float("inf"), -0.1, 0.91])
    def test_a_tunable_takes_a_number_in_its_range(self, value: object) -> None:
        assert override_problems(CATALOGUE, {"target_down_ratio": value}, {}) == [
            Problem("alerts.tunables.target_down_ratio", repr(value), "a number from 0 to 0.9 (ratio)")
        ]

    @pytest.mark.parametrize("value", [0, 0.9, 0.5])
    def test_a_tunable_may_reach_both_ends_of_its_range(self, value: float) -> None:
        assert override_problems(CATALOGUE, {"target_down_ratio": value}, {}) == []

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("for", "5min"),
            ("for", ""),
            ("for", 5),
            ("for", "5ms"),
            ("severity", "page"),
            ("severity", "none"),
            ("severity", ["critical"]),
            ("enabled", "false"),
            ("enabled", 0),
            ("runbook", "x"),
            (7, "x"),
        ],
    )
    def test_a_field_of_an_alert_is_checked(self, field: object, value: object) -> None:
        [problem] = override_problems(CATALOGUE, {}, {"ServiceDown": {field: value}})
        assert problem.key == f"alerts.overrides.ServiceDown.{field}"

    @pytest.mark.parametrize("fields", [{"enabled": False}, {"severity": "info"}, {"for": "5m"}, {"enabled": True}, {}])
    def test_the_heartbeat_cannot_be_changed(self, fields: dict[str, object]) -> None:
        [alert] = [alert.name for alert in CATALOGUE.alerts.values() if alert.severity == "none"]
        assert override_problems(CATALOGUE, {}, {alert: fields}) == [
            Problem(
                f"alerts.overrides.{alert}",
                "an override",
                "no override of this alert: the dead man's switch depends on it",
            )
        ]

    def test_an_alert_without_fields_is_refused(self) -> None:
        [problem] = override_problems(CATALOGUE, {}, {"ServiceDown": False})
        assert problem == Problem("alerts.overrides.ServiceDown", "False", "a mapping of for, severity, enabled")

    def test_all_problems_come_at_once(self) -> None:
        alerts = {"Nope": {}, "ServiceDown": {"for": 1, "severity": 2, "enabled": 3}}
        assert len(override_problems(CATALOGUE, {"nope": 1, "target_down_ratio": 7}, alerts)) == 6


class TestRendering:
    """A rendered catalogue is the source plus what the stack changes, and nothing else."""

    def test_without_changes_only_the_addresses_differ_from_the_files(self) -> None:
        folder = RULES
        for area, content in plain(CATALOGUE).items():
            paths = [path for name in (f"{area}.yaml", slo_file(area)) if (path := folder / name).exists()]
            contents = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]
            source = {"groups": [group for content in contents for group in content["groups"]]}
            for group in source["groups"]:
                for each in (rule for rule in group["rules"] if "alert" in rule):
                    each["annotations"]["runbook_url"] = (
                        "https://git.example.com/bais/" + each["annotations"]["runbook_url"]
                    )
                    each["annotations"]["dashboard_url"] = "https://grafana.example.com/" + panel_link(
                        each["annotations"]["dashboard_url"]
                    )
            assert content == source

    def test_the_result_is_the_same_each_time(self) -> None:
        assert yaml.safe_dump(plain(CATALOGUE), sort_keys=False) == yaml.safe_dump(plain(load()), sort_keys=False)

    def test_a_number_is_swapped_wherever_its_tunable_stands(self) -> None:
        rendered = plain(CATALOGUE, tunables={"certificate_critical_days": 5.0})
        assert ">= 5  # tunable: certificate_critical_days" in rule(rendered, "CertificateExpiringSoon")["expr"]
        assert "< 5  # tunable: certificate_critical_days" in rule(rendered, "CertificateExpiryCritical")["expr"]
        assert "< 21  # tunable: certificate_warning_days" in rule(rendered, "CertificateExpiringSoon")["expr"]

    def test_a_value_equal_to_the_default_leaves_the_text_as_it_is(self) -> None:
        assert plain(CATALOGUE, tunables={"target_down_ratio": 0.1}) == plain(CATALOGUE)

    def test_the_fields_of_an_alert_are_replaced(self) -> None:
        changed = rule(
            plain(CATALOGUE, overrides={"ServiceDown": {"for": "10m", "severity": "warning", "enabled": True}}),
            "ServiceDown",
        )
        assert (changed["for"], changed["labels"]["severity"]) == ("10m", "warning")

    def test_an_alert_that_fires_at_once_can_be_made_to_wait(self) -> None:
        assert "for" not in rule(plain(CATALOGUE), "CertificateExpired")
        changed = plain(CATALOGUE, overrides={"CertificateExpired": {"for": "1m"}})
        assert rule(changed, "CertificateExpired")["for"] == "1m"

    def test_a_disabled_alert_is_left_out_and_so_is_its_empty_group(self) -> None:
        certificates = ("CertificateExpiringSoon", "CertificateExpiryCritical", "CertificateExpired")
        rendered = plain(CATALOGUE, overrides={name: {"enabled": False} for name in ("TargetDown", *certificates)})
        assert "availability.certificates" not in [group["name"] for group in rendered["availability"]["groups"]]
        names = [rule.get("alert") for group in rendered["availability"]["groups"] for rule in group["rules"]]
        assert "TargetDown" not in names
        assert "ServiceDown" in names

    def test_an_area_without_any_rule_is_left_out(self) -> None:
        every = {name: {"enabled": False} for name, alert in CATALOGUE.alerts.items() if alert.area == "infrastructure"}
        assert "infrastructure" not in plain(CATALOGUE, overrides=every)

    def test_recording_rules_and_the_settings_of_a_group_are_kept(self, write: Write) -> None:
        [group] = plain(load(write()))["cache"]["groups"]
        assert group["interval"] == "1m"
        assert group["rules"][0] == {
            "record": "instance:redis_memory:ratio",
            "expr": "redis_memory_used_bytes / (redis_memory_max_bytes > 0)\n",
        }

    @pytest.mark.parametrize("base", ["https://git.example.com/bais", "https://git.example.com/bais/"])
    def test_an_address_is_joined_with_one_slash(self, base: str) -> None:
        annotations = rule(plain(CATALOGUE, runbook_base=base), "Watchdog")["annotations"]
        assert annotations["runbook_url"] == "https://git.example.com/bais/runbooks/Watchdog.md"

    def test_problems_are_refused(self) -> None:
        with pytest.raises(CatalogueError) as error:
            plain(CATALOGUE, tunables={"nope": 1}, overrides={"Nope": {}})
        assert [problem.key for problem in error.value.problems] == ["alerts.tunables.nope", "alerts.overrides.Nope"]


@pytest.mark.parametrize(
    ("number", "text"), [(21.0, "21"), (21, "21"), (0.1, "0.1"), (1500000, "1500000"), (0, "0"), (0.00001, "1e-05")]
)
def test_a_number_is_written_without_a_needless_fraction(number: float, text: str) -> None:
    assert tunables.format_number(number) == text


@given(data=st.data())
def test_any_value_in_range_changes_only_its_number_and_parses(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(CATALOGUE.tunables)))
    tunable = CATALOGUE.tunables[name]
    value = data.draw(st.floats(tunable.minimum, tunable.maximum))
    assert override_problems(CATALOGUE, {name: value}, {}) == []
    for alert in CATALOGUE.alerts.values():
        swapped = tunables.apply_tunables(alert.expression, {name: value})
        promql_parser.parse(swapped)
        assert [marker.name for marker in tunables.find_markers(swapped)[0]] == list(alert.tunables)
        assert blanked(swapped, name) == blanked(alert.expression, name)
        assert all(float(marker.number) == value for marker in tunables.find_markers(swapped)[0] if marker.name == name)


def blanked(expression: str, name: str) -> list[str]:
    """Return the lines of an expression without the numbers that belong to a tunable."""
    lines = expression.splitlines()
    for marker in tunables.find_markers(expression)[0]:
        if marker.name == name:
            lines[marker.line] = lines[marker.line][: marker.start] + lines[marker.line][marker.end :]
    return lines
