"""Scenario files: shared series, selectors, and errors."""

from pathlib import Path

import pytest

from common.problems import CatalogueError
from tools.scenarios.model import Identity, load

STORY = "story: It breaks.\nwanted: a page\nfamily: outages\n"


def folder_with(folder: Path, text: str, defaults: str = "") -> Path:
    (folder / "shared").mkdir()
    (folder / "shared" / "base.yaml").write_text(
        '- labels: {job: api, instance: "1"}\n  series: {up: 1, "requests{code=\\"200\\"}": 0+60}\n'
    )
    (folder / "one.yaml").write_text(text)
    if defaults:
        (folder / "defaults.yaml").write_text(defaults)
    return folder


def test_a_scenario_has_its_defaults_and_the_shared_series_until_its_end(tmp_path: Path) -> None:
    (scenario,) = load(folder_with(tmp_path, f"{STORY}end: 10m\n", "shared: [base]\nstack: staging\n"))
    assert (scenario.name, scenario.stack) == ("one", "staging")
    assert {each.series: each.values for each in scenario.series} == {
        'up{job="api", instance="1"}': "1x10",
        'requests{job="api", instance="1", code="200"}': "0+60x10",
    }


def test_a_series_replaces_the_shared_one_with_its_labels(tmp_path: Path) -> None:
    own = 'series: [{series: "up{instance=\\"1\\",job=\\"api\\"}", values: 0x10}]\n'
    (scenario,) = load(folder_with(tmp_path, f"{STORY}end: 10m\nshared: [base]\n{own}"))
    assert [each.values for each in scenario.series] == ["0+60x10", "0x10"]


def test_without_leaves_out_the_selected_shared_series(tmp_path: Path) -> None:
    (scenario,) = load(folder_with(tmp_path, f"{STORY}end: 10m\nshared: [base]\nwithout: ['up{{job=\"api\"}}']\n"))
    assert [each.identity.name for each in scenario.series] == ["requests"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("end: 10m\nextra: 1\n", "one.yaml: extra: found '1'; allowed: Extra inputs are not permitted"),
        ("end: soon\n", "one.yaml: end: found 'soon'; allowed: a duration such as 30s, 5m or 1d2h"),
        ("", "one.yaml: end: found"),
        ("end: 1m\nshared: [base]\nwithout: [down]\n", "without: down selects no shared series"),
        ("end: 1m\nshared: [other]\n", "other.yaml"),
        ("end: 1m\nnotifications: [{receiver: a, alerts: [A], messages: 0}]\n", "notifications.0.messages"),
        ("end: [\n", "one.yaml: found"),
    ],
)
def test_an_invalid_file_is_one_problem_with_its_key(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError) as error:
        load(folder_with(tmp_path, STORY + text))
    assert len(error.value.problems) == 1
    assert message in str(error.value)


def test_an_empty_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("")
    with pytest.raises(CatalogueError, match=r"one\.yaml: found None instead of a mapping"):
        load(tmp_path)


def test_numbers_in_settings_are_numbers_and_samples_stay_text(tmp_path: Path) -> None:
    text = "end: 1m\nsettings: {alerts: {tunables: {a: 0.5}}}\nseries: [{series: up, values: 0x30}]\n"
    (scenario,) = load(folder_with(tmp_path, STORY + text))
    assert scenario.settings == {"alerts": {"tunables": {"a": 0.5}}}
    assert scenario.series[0].values == "0x30"


def test_all_files_are_checked_before_an_error_is_reported(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "story: It breaks.\n")
    (folder / "two.yaml").write_text(f"{STORY}end: never\n")
    with pytest.raises(CatalogueError) as error:
        load(folder)
    assert {problem.key.split(":")[0] for problem in error.value.problems} == {"one.yaml", "two.yaml"}


def test_labels_of_a_series_may_contain_commas_brackets_and_quotes() -> None:
    found = Identity.parse('a:b{x="1,2}", y = "\\"q\\"" }')
    assert found == Identity("a:b", frozenset({("x", "1,2}"), ("y", '\\"q\\"')}))
    assert Identity.parse('{x="1,2}"}').selects(found)
    assert not Identity.parse('c{x="1,2}"}').selects(found)
