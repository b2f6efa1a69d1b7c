"""Rendered rules, configuration and templates, checked with the real promtool and amtool."""

from pathlib import Path
from typing import Any, Final

import pytest

from local.tools.toolset import binary
from preflight.rendered_files import missing_tools, rendered_problems

RULES: Final[dict[str, Any]] = {
    "api": {"groups": [{"name": "a", "rules": [{"alert": "A", "expr": "up", "annotations": {"x": "{{ $value }}"}}]}]}
}
CONFIGURATION: Final[dict[str, Any]] = {
    "route": {"receiver": "a"},
    "receivers": [{"name": "a"}],
    "templates": ["/etc/alertmanager/config/*.tmpl"],
}
TEMPLATES: Final = {"a.tmpl": '{{ define "x" }}a{{ end }}'}


@pytest.fixture
def tools_on_path(promtool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(promtool).parent))
    assert binary("amtool").exists()


@pytest.mark.usefixtures("tools_on_path")
def test_valid_files_have_no_problem() -> None:
    assert missing_tools() == ()
    assert rendered_problems(RULES, CONFIGURATION, TEMPLATES) == []


@pytest.mark.usefixtures("tools_on_path")
def test_each_refused_rule_is_one_problem_with_its_file_and_name() -> None:
    rules = [
        {"alert": "Annotation", "expr": "up", "annotations": {"x": "https://{{x"}},
        {"alert": "Unit", "expr": "up", "annotations": {"x": "{{ $value | humanise }}"}},
    ]
    problems = rendered_problems(
        {**RULES, "payments": {"groups": [{"name": "b", "rules": rules}]}}, CONFIGURATION, TEMPLATES
    )
    assert [problem.key for problem in problems] == ["rendered rules payments.yaml"] * 2
    assert ['"Annotation"' in problems[0].found, '"Unit"' in problems[1].found] == [True, True]


@pytest.mark.usefixtures("tools_on_path")
@pytest.mark.parametrize(
    ("configuration", "templates", "found"),
    [
        ({**CONFIGURATION, "route": {"receiver": "b"}}, TEMPLATES, 'undefined receiver "b" used in route'),
        (CONFIGURATION, {"a.tmpl": '{{ define "x" }}a{{'}, "template: a.tmpl:1: unclosed action"),
    ],
)
def test_a_refused_configuration_or_template_is_one_problem(
    configuration: dict[str, Any], templates: dict[str, str], found: str
) -> None:
    (problem,) = rendered_problems(RULES, configuration, templates)
    assert (problem.key, problem.found) == ("rendered alertmanager.yaml", found)


def test_without_the_tools_nothing_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert missing_tools() == ("promtool", "amtool")
    assert rendered_problems({"api": {"groups": "x"}}, {}, TEMPLATES) == []
