"""Rendering of the catalogue for a stack, and validation of its changes."""

from typing import Any, Final

import promql_parser
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from catalogue import tunables
from catalogue.loader import load
from catalogue.model import Catalogue, Recording, slo_file
from catalogue.panel_links import panel_link
from catalogue.stack import for_stack
from common.problems import CatalogueError, Problem
from common.project import RULES
from tests.catalogue.conftest import Write

CATALOGUE: Final = load()
BASES: Final = {"runbook_base": "https://git.example.com/bais/", "grafana_base": "https://grafana.example.com"}


def render(catalogue: Catalogue, **overrides: Any) -> dict[str, dict[str, Any]]:
    """Render a catalogue with these tunables, overrides and base addresses."""
    stack = {name: overrides.pop(name) for name in ("tunables", "overrides") if name in overrides}
    return for_stack(catalogue=catalogue, **stack).render(**{**BASES, **overrides})


def override_problems(catalogue: Catalogue, tunables: dict[str, Any], overrides: dict[str, Any]) -> list[Problem]:
    """Return the problems with which tunables and overrides are rejected."""
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


class TestValidation:
    def test_no_changes_give_no_problems(self) -> None:
        assert override_problems(CATALOGUE, {}, {}) == []

    def test_an_unknown_tunable_is_reported_with_the_closest_and_all_names(self) -> None:
        [problem] = override_problems(CATALOGUE, {"target_dwn_ratio": 0.2}, {})
        assert problem.key == "alerts.tunables.target_dwn_ratio"
        assert all(name in problem.allowed for name in CATALOGUE.tunables)
        first = min(CATALOGUE.tunables)
        assert problem.allowed.startswith(f"target_down_ratio (did you mean that?), or one of {first}, ")

    def test_an_unknown_alert_is_reported_with_the_closest_and_all_names(self) -> None:
        [problem] = override_problems(CATALOGUE, {}, {"ServiceDwn": {"for": "5m"}})
        assert problem.key == "alerts.overrides.ServiceDwn"
        assert problem.allowed.startswith(f"ServiceDown (did you mean that?), or one of {min(CATALOGUE.alerts)}, ")

    def test_a_name_without_a_close_match_gets_no_suggestion(self) -> None:
        [problem] = override_problems(CATALOGUE, {"zzz": 1}, {})
        assert "did you mean" not in problem.allowed

    @pytest.mark.parametrize("value", [True, "0.2", None, [], float("nan"), float("inf"), -0.1, 0.91])
    def test_a_tunable_outside_its_range_is_rejected(self, value: object) -> None:
        assert override_problems(CATALOGUE, {"target_down_ratio": value}, {}) == [
            Problem("alerts.tunables.target_down_ratio", repr(value), "a number from 0 to 0.9 (ratio)")
        ]

    @pytest.mark.parametrize("value", [0, 0.9, 0.5])
    def test_both_ends_of_the_range_of_a_tunable_are_accepted(self, value: float) -> None:
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
    def test_an_invalid_field_of_an_override_is_rejected(self, field: object, value: object) -> None:
        [problem] = override_problems(CATALOGUE, {}, {"ServiceDown": {field: value}})
        assert problem.key == f"alerts.overrides.ServiceDown.{field}"

    @pytest.mark.parametrize("fields", [{"enabled": False}, {"severity": "info"}, {"for": "5m"}, {"enabled": True}, {}])
    def test_the_heartbeat_cannot_be_overridden(self, fields: dict[str, object]) -> None:
        [alert] = [alert.name for alert in CATALOGUE.alerts.values() if alert.severity == "none"]
        assert override_problems(CATALOGUE, {}, {alert: fields}) == [
            Problem(
                f"alerts.overrides.{alert}",
                "an override",
                "no override of this alert: the dead man's switch depends on it",
            )
        ]

    def test_an_override_that_is_not_a_mapping_is_rejected(self) -> None:
        [problem] = override_problems(CATALOGUE, {}, {"ServiceDown": False})
        assert problem == Problem(
            "alerts.overrides.ServiceDown", "False", "a mapping of for, keep_firing_for, severity, enabled"
        )

    def test_all_problems_are_reported_at_once(self) -> None:
        alerts = {"Nope": {}, "ServiceDown": {"for": 1, "severity": 2, "enabled": 3}}
        assert len(override_problems(CATALOGUE, {"nope": 1, "target_down_ratio": 7}, alerts)) == 6


class TestRendering:
    def test_without_changes_only_the_links_and_the_label_of_the_catalogue_differ_from_the_files(self) -> None:
        for area, content in render(CATALOGUE).items():
            paths = [path for name in (f"{area}.yaml", slo_file(area)) if (path := RULES / name).exists()]
            contents = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]
            source = {"groups": [group for content in contents for group in content["groups"]]}
            for group in source["groups"]:
                for each in (rule for rule in group["rules"] if "alert" in rule):
                    each["labels"]["catalogue"] = "bais"
                    each["annotations"]["runbook_url"] = (
                        "https://git.example.com/bais/" + each["annotations"]["runbook_url"]
                    )
                    each["annotations"]["dashboard_url"] = "https://grafana.example.com/" + panel_link(
                        each["annotations"]["dashboard_url"]
                    )
            assert content == source

    def test_rendering_is_deterministic(self) -> None:
        assert yaml.safe_dump(render(CATALOGUE), sort_keys=False) == yaml.safe_dump(render(load()), sort_keys=False)

    def test_a_tunable_is_replaced_in_every_rule_that_uses_it(self) -> None:
        rendered = render(CATALOGUE, tunables={"api_minimum_request_rate": 7.0})
        marked = {
            name: alert.expression
            for name, alert in CATALOGUE.alerts.items()
            if "tunable: api_minimum_request_rate" in alert.expression
        }
        assert len(marked) > 1
        for name, expression in marked.items():
            changed = rule(rendered, name)["expr"]
            assert "> 7  # tunable: api_minimum_request_rate" in changed
            kept = [line for line in expression.splitlines() if "api_minimum_request_rate" not in line]
            assert [line for line in changed.splitlines() if "api_minimum_request_rate" not in line] == kept

    def test_a_value_equal_to_the_default_changes_nothing(self) -> None:
        assert render(CATALOGUE, tunables={"target_down_ratio": 0.1}) == render(CATALOGUE)

    def test_overridden_fields_are_replaced(self) -> None:
        changed = rule(
            render(CATALOGUE, overrides={"ServiceDown": {"for": "10m", "severity": "warning", "enabled": True}}),
            "ServiceDown",
        )
        assert (changed["for"], changed["labels"]["severity"]) == ("10m", "warning")

    def test_an_alert_without_a_duration_can_get_one(self) -> None:
        assert "for" not in rule(render(CATALOGUE), "CertificateExpired")
        changed = render(CATALOGUE, overrides={"CertificateExpired": {"for": "1m"}})
        assert rule(changed, "CertificateExpired")["for"] == "1m"

    def test_a_disabled_alert_and_its_empty_group_are_left_out(self) -> None:
        certificates = ("CertificateExpiringSoon", "CertificateExpiryCritical", "CertificateExpired")
        rendered = render(CATALOGUE, overrides={name: {"enabled": False} for name in ("TargetDown", *certificates)})
        assert "availability.certificates" not in [group["name"] for group in rendered["availability"]["groups"]]
        names = [rule.get("alert") for group in rendered["availability"]["groups"] for rule in group["rules"]]
        assert "TargetDown" not in names
        assert "ServiceDown" in names

    def test_an_area_without_any_rule_is_left_out(self) -> None:
        rules = {area.name: [rule for group in area.groups for rule in group.rules] for area in CATALOGUE.areas}
        name = next(name for name, own in rules.items() if not any(isinstance(rule, Recording) for rule in own))
        every = {rule.name: {"enabled": False} for rule in rules[name]}
        assert name not in render(CATALOGUE, overrides=every)

    def test_recording_rules_and_group_settings_are_rendered(self, write: Write) -> None:
        [group] = render(load(write()))["cache"]["groups"]
        assert group["interval"] == "1m"
        assert group["rules"][0] == {
            "record": "instance:redis_memory:ratio",
            "expr": "redis_memory_used_bytes / (redis_memory_max_bytes > 0)\n",
        }

    @pytest.mark.parametrize("base", ["https://git.example.com/bais", "https://git.example.com/bais/"])
    def test_an_address_is_joined_with_one_slash(self, base: str) -> None:
        annotations = rule(render(CATALOGUE, runbook_base=base), "Watchdog")["annotations"]
        assert annotations["runbook_url"] == "https://git.example.com/bais/runbooks/Watchdog.md"

    def test_problems_are_raised(self) -> None:
        with pytest.raises(CatalogueError) as error:
            render(CATALOGUE, tunables={"nope": 1}, overrides={"Nope": {}})
        assert [problem.key for problem in error.value.problems] == ["alerts.tunables.nope", "alerts.overrides.Nope"]


@pytest.mark.parametrize(
    ("number", "text"), [(21.0, "21"), (21, "21"), (0.1, "0.1"), (1500000, "1500000"), (0, "0"), (0.00001, "1e-05")]
)
def test_a_whole_number_is_formatted_without_a_fraction(number: float, text: str) -> None:
    assert tunables.format_number(number) == text


@given(data=st.data())
def test_any_value_in_range_changes_only_its_number_and_still_parses(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(CATALOGUE.tunables)))
    tunable = CATALOGUE.tunables[name]
    value = data.draw(st.floats(tunable.minimum, tunable.maximum))
    assert override_problems(CATALOGUE, {name: value}, {}) == []
    for alert in CATALOGUE.alerts.values():
        changed = tunables.apply_tunables(alert.expression, {name: value})
        promql_parser.parse(changed)
        assert [marker.name for marker in tunables.find_markers(changed)[0]] == list(alert.tunables)
        assert without_numbers_of(changed, name) == without_numbers_of(alert.expression, name)
        assert all(float(marker.number) == value for marker in tunables.find_markers(changed)[0] if marker.name == name)


def without_numbers_of(expression: str, name: str) -> list[str]:
    """Return the lines of an expression without the numbers that belong to a tunable."""
    lines = expression.splitlines()
    for marker in tunables.find_markers(expression)[0]:
        if marker.name == name:
            lines[marker.line] = lines[marker.line][: marker.start] + lines[marker.line][marker.end :]
    return lines
