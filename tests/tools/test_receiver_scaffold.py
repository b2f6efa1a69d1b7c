"""A new channel begins with gaps that the tests name; filled, Alertmanager accepts it; bad input is refused."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
import yaml
from click.testing import CliRunner

from catalogue.scaffold import GAP
from common.problems import CatalogueError
from common.project import PROJECT
from tools import receiver_scaffold
from tools.operator_output import amtool

Run = Callable[..., subprocess.CompletedProcess[str]]

GUIDE: Final = PROJECT / "docs" / "guides" / "receiver.md"
# The tests that the scaffold names when it is done, but for the one that sends.
TESTS: Final = (
    "tests/routing",
    "tests/settings/test_credentials.py",
    "tests/test_documentation.py::test_every_setting_is_documented_once_with_its_default",
    "tests/test_documentation.py::test_every_secret_is_documented_once",
)
# What a person fills in: by the end of the file's name, each text and what takes its place.
FILLED: Final[Mapping[str, Mapping[str, str]]] = {
    "routing/channels/teams.py": {
        '("TODO",)': '("critical", "warning")',
        "TODO_configs": "msteamsv2_configs",
        "TODO_file": "webhook_url_file",
    },
    "routing/templates/teams.tmpl": {
        "TODO escape what the channel reads as markup, cut what is longer than it takes; slack.tmpl has an example.": (
            "Microsoft Teams shows at most 28 KB."
        )
    },
    "local/demo/fake_receivers.py": {
        'post.payload["TODO"], post.payload["TODO"]': (
            '(block["text"] for block in post.payload["attachments"][0]["content"]["body"])'
        ),
        '200, "TODO"': '202, ""',
    },
    "tools/delivery/expectations.py": {
        '[("TODO", "*")]': '[("critical", "*"), ("warning", "*")]',
        "TODO_configs": "msteamsv2_configs",
    },
    "tests/routing/test_teams.py": {'{"TODO"}': '{"critical", "warning"}', "TODO_configs": "msteamsv2_configs"},
    "settings.md": {"TODO which alerts Teams gets": "Critical alerts and warnings go to Microsoft Teams too"},
    "secrets.md": {"TODO where it is created": "The address of a workflow of the channel"},
}
RENDER: Final = """
import yaml
from tools.delivery.stacks import stack
print(yaml.safe_dump(stack("prod", teams=True).configuration))
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project's files, as Git lists them."""
    folder = tmp_path_factory.mktemp("checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (PROJECT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    # One test lists the files of Git.
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def run(checkout: Path) -> Run:
    """A function that runs Python in that copy."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False, env=environment)

    return call


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text(errors="replace") for path in files}


@pytest.fixture(scope="module")
def before(checkout: Path) -> dict[str, str]:
    return contents(checkout)


@pytest.fixture(scope="module")
def begun(before: dict[str, str], checkout: Path, run: Run) -> dict[str, str]:
    """The files that the scaffold created or changed, by name."""
    done = run("-m", "tools.receiver_scaffold", "teams")
    assert done.returncode == 0, done.stderr
    changed = {name: text for name, text in contents(checkout).items() if before.get(name) != text}
    assert {line.partition(":")[0] for line in done.stdout.splitlines()[:-1]} == set(changed)
    return changed


@pytest.fixture(scope="module")
def named_gaps(begun: dict[str, str], run: Run) -> str:
    """What the tests say before a gap is filled."""
    return pytest_in(run, *TESTS)


@pytest.fixture(scope="module")
def filled(begun: dict[str, str], named_gaps: str, checkout: Path) -> Path:
    """The copy with every gap filled, and nothing else changed."""
    for ending, replacements in FILLED.items():
        (name,) = (name for name in begun if name.endswith(ending))
        text = begun[name]
        for gap, replacement in replacements.items():
            assert gap in text, f"{name}: {gap}"
            text = text.replace(gap, replacement)
        (checkout / name).write_text(text)
    return checkout


def pytest_in(run: Run, *arguments: str) -> str:
    return run("-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments).stdout


def failures(output: str) -> set[str]:
    return {line.split(" ")[1] for line in output.splitlines() if line.startswith(("FAILED", "ERROR"))}


def test_the_tests_name_exactly_the_gaps(begun: dict[str, str], named_gaps: str) -> None:
    assert failures(named_gaps) == {
        "tests/routing/test_receivers.py::test_no_gap_of_a_new_receiver_is_left",
        "tests/routing/test_teams.py::test_teams_gets_the_alerts_of_its_audiences_and_reads_its_webhook_from_a_file",
    }
    gaps = [
        f"{name}:{number}: {line.strip()}"
        for name, text in begun.items()
        for number, line in enumerate(text.splitlines(), 1)
        if GAP in line
    ]
    named = [line.removeprefix("E").strip() for line in named_gaps.splitlines() if line.startswith("E ")]
    assert set(gaps) == {line for line in named if GAP in line and re.match(r"[\w/.-]+:\d+: ", line)}


def test_with_its_gaps_filled_the_tests_and_the_linters_are_content(filled: Path, run: Run) -> None:
    assert failures(pytest_in(run, *TESTS)) == set()
    python = [name for name in FILLED if name.endswith(".py")]
    checks = (("ruff", "check", "--no-cache", "."), ("ruff", "format", "--no-cache", "--check", "."), ("mypy", *python))
    done = [run("-m", *check) for check in checks]
    assert [each.stdout + each.stderr for each in done if each.returncode] == []


def test_filled_it_is_a_receiver_that_alertmanager_accepts(filled: Path, run: Run, tmp_path: Path) -> None:
    rendered = run("-c", RENDER)
    assert rendered.returncode == 0, rendered.stderr
    file = tmp_path / "alertmanager.yaml"
    file.write_text(rendered.stdout)
    receivers = {each["name"]: each for each in yaml.safe_load(rendered.stdout)["receivers"]}
    assert {name for name, each in receivers.items() if "msteamsv2_configs" in each} == {"critical", "warning"}
    (config,) = receivers["warning"]["msteamsv2_configs"]
    assert config["webhook_url_file"] == "/etc/alertmanager/secrets/alertmanager-tokens/teams-webhook-url"
    assert "SUCCESS" in amtool("check-config", str(file))


def test_filled_its_messages_arrive_complete(filled: Path, run: Run) -> None:
    output = pytest_in(run, "tests/delivery/test_teams.py")
    assert output.startswith("."), output


def test_every_file_that_changes_is_named_by_the_guide(begun: dict[str, str]) -> None:
    guide = GUIDE.read_text().replace("<name>", "teams")
    assert [name for name in begun if f"`{name}`" not in guide] == [], f"name these in {GUIDE.name}"


def test_a_second_run_is_refused_and_writes_nothing(filled: Path, run: Run) -> None:
    written = contents(filled)
    done = run("-m", "tools.receiver_scaffold", "teams")
    assert done.returncode == 1
    assert "NAME: found teams, a setting of notifications; allowed: a name that is not in use" in done.stderr
    assert "NAME: found routing/channels/teams.py, which exists; allowed: a name without files" in done.stderr
    assert contents(filled) == written


@pytest.mark.parametrize(
    ("name", "problems"),
    [
        (
            "",
            ["found ''; allowed: lowercase letters, digits and -, at most 30 characters, such as teams or google-chat"],
        ),
        ("Teams", ["found 'Teams'; allowed: lowercase letters"]),
        ("1st", ["found '1st'; allowed: lowercase letters"]),
        ("a" * 31, [f"found '{'a' * 31}'; allowed: lowercase letters, digits and -, at most 30 characters"]),
        ("summary", ["found routing/templates/summary.tmpl, which exists"]),
        ("lambda", ["found lambda, a name of Python"]),
        ("mail", ["found mail, a channel in tools/delivery/completeness.py"]),
        (
            "slack",
            [
                "found slack, a setting of notifications",
                "found slack, a name in routing/receivers.py",
                "found slack, a channel in tools/delivery/completeness.py",
                "found routing/channels/slack.py, which exists",
                "found routing/templates/slack.tmpl, which exists",
            ],
        ),
    ],
)
def test_a_bad_name_is_refused_with_all_its_problems(name: str, problems: list[str]) -> None:
    result = CliRunner().invoke(receiver_scaffold.main, ["--", name])
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == len(problems), lines
    assert all(f"NAME: {problem}" in line for problem, line in zip(problems, lines, strict=True))


def test_files_of_another_structure_are_named_all_at_once(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "docs", tmp_path / "docs")
    for folder in ("settings", "routing", "local/demo", "tools/delivery"):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    for name in ("routing/receivers.py", "settings/credentials.py"):
        (tmp_path / name).write_text("")
    with pytest.raises(CatalogueError) as raised:
        receiver_scaffold.texts("teams", tmp_path)
    assert [problem.key for problem in raised.value.problems] == [
        *["settings/credentials.py"] * 2,
        *["routing/receivers.py"] * 2,
    ]
    assert not (tmp_path / "routing" / "channels" / "teams.py").exists()
