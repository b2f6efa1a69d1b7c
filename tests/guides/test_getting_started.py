"""The guide to the first page: its answers make a valid stack, and its commands and tables are those of the project."""

import re
import subprocess
from typing import Final

import pytest
import yaml

from common.project import PROJECT
from operations.init.asking import complete
from operations.init.checks import all_problems, required_credentials
from operations.init.platforms import PLATFORMS
from operations.init.questions import QUESTIONS, Context
from operations.init.stack_file import settings_from
from tests.operations.init.answers import SECRETS

GUIDE: Final = (PROJECT / "docs" / "guides" / "getting-started.md").read_text()
PROVIDED: Final = [name for name in PLATFORMS if name != "other"]
TITLES: Final = {"kind": "kind", "k3d": "k3d"}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", GUIDE, re.MULTILINE | re.DOTALL)


def guide_answers() -> str:
    """Return the file of answers in the guide."""
    (text,) = blocks("yaml")
    return text


def row(platform: str) -> list[str]:
    """Return the cells of a platform in the table of platforms."""
    title = TITLES.get(platform, "OpenShift" if platform == "openshift" else platform.upper())
    (line,) = re.findall(rf"^\| {title} \|.*$", GUIDE, re.MULTILINE)
    return [cell.strip() for cell in line.strip("| ").split(" | ")]


def test_the_answers_of_the_guide_make_a_valid_stack() -> None:
    content = yaml.safe_load(guide_answers())
    given = {name: ",".join(value) if isinstance(value, list) else value for name, value in content.items()}
    answers = complete(given, Context())
    secrets = {each.key: SECRETS[each.file] for each in required_credentials("trial", answers)}
    assert all_problems("trial", answers, secrets) == []


def test_the_table_of_answers_has_every_question_in_order() -> None:
    _, table, _ = re.split(r"^\| answer \||^## Platforms", GUIDE, flags=re.MULTILINE)
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE) == [each.name for each in QUESTIONS]


@pytest.mark.parametrize("platform", PROVIDED)
def test_the_table_of_platforms_has_their_storage_class(platform: str) -> None:
    expected = PLATFORMS[platform].storage_class
    assert row(platform)[1] == (f"`{expected}`" if expected else "the cluster's default")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_guide_states_the_settings_in_which_a_platform_differs(platform: str) -> None:
    """Those of one machine are sizes only."""
    settings = settings_from("trial", {"platform": platform})
    if settings.get("operator", {}).get("clusterTargets") == {"coreDns": False}:
        assert "`operator.clusterTargets.coreDns: false`" in row(platform)[3]
    elif platform != "other":
        assert row(platform)[3] == "CoreDNS"
    stated = {"operator.crds": "operator.crds: existing", "operator.controllerId": "operator.controllerId: monitoring"}
    for key, text in stated.items():
        section, name = key.split(".")
        assert (name in settings.get(section, {})) == (platform == "openshift")
        assert f"`{text}`" in GUIDE
    assert (settings.get("network") == {"policies": False}) == (platform == "openshift")


def test_every_make_command_of_the_steps_runs_an_existing_target_with_its_variables() -> None:
    commands = [line for block in blocks("sh") for line in re.findall(r"^ *(make .*)$", block, re.MULTILINE)]
    assert len(commands) >= 6
    for command in commands:
        done = subprocess.run(
            ["sh", "-c", f"{command} --dry-run -o .venv/complete"],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert ("trial" in done.stdout) == ("STACK=trial" in command)


def test_the_guide_says_what_was_not_tested() -> None:
    assert "**Not tested: the six platforms below.**" in GUIDE
    assert len(PROVIDED) == 6
