"""Pipelines: least permissions, pinned actions, and commands that exist."""

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from common.project import PROJECT
from tools.workflow_lint import actionlint

FOLDER: Final = PROJECT / ".github"
WORKFLOWS: Final = sorted((FOLDER / "workflows").glob("*.yaml"))
GITLAB: Final = PROJECT / "docs" / "examples" / "gitlab-ci.yml"
SETUP: Final = FOLDER / "actions" / "setup" / "action.yaml"
CALLED: Final = "deploy-stack.yaml"
# Each stack has its own group: staging does not wait for the approval of prod.
DEPLOYING: Final = ("deploy.yaml", CALLED)
TARGETS: Final = set(re.findall(r"^([a-z][a-z-]*):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
SHELL: Final = {"exit", "touch", "test"}
# A pull request of a fork has no secrets; a job with secrets does not even start.
OWN_BRANCH: Final = "github.event.pull_request.head.repo.full_name == github.repository"
PINNED: Final = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def content(path: Path) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(path.read_text())
    return loaded


def triggers(workflow: Mapping[Any, Any]) -> Mapping[str, Any]:
    """Return what starts a workflow; PyYAML reads the key `on` as true."""
    found: Mapping[str, Any] = workflow[True]
    return found


def jobs() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the file, name and content of every job."""
    for path in WORKFLOWS:
        for name, job in content(path)["jobs"].items():
            yield path.name, name, job


def commands() -> Iterator[tuple[str, str]]:
    """Yield the place and text of everything that a pipeline runs."""
    for file, name, job in jobs():
        yield from ((f"{file} {name}", step["run"]) for step in job.get("steps", ()) if "run" in step)
    yield from (("setup", step["run"]) for step in content(SETUP)["runs"]["steps"] if "run" in step)
    for name, job in content(GITLAB).items():
        if isinstance(job, dict):
            yield from ((f"GitLab {name}", line) for line in job.get("script", ()))


def programs(command: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each program of a command with its arguments."""
    words = shlex.shlex(command, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    program: list[str] = []
    for word in (*words, ";"):
        if set(word) <= set("|&;{}"):
            if program:
                yield program[0], program[1:]
            program = []
        else:
            program.append(word)


def test_actionlint_finds_nothing() -> None:
    assert actionlint(PROJECT) == ""


def test_actionlint_finds_a_mistake(tmp_path: Path) -> None:
    """Otherwise the test above would also pass without actionlint."""
    broken = tmp_path / ".github" / "workflows" / "broken.yaml"
    broken.parent.mkdir(parents=True)
    broken.write_text((FOLDER / "workflows" / "checks.yaml").read_text().replace("timeout-minutes", "timeout-minuets"))
    assert 'unexpected key "timeout-minuets"' in actionlint(tmp_path)


def test_every_command_is_a_make_target_or_a_script() -> None:
    found = [(place, program, arguments) for place, run in commands() for program, arguments in programs(run)]
    assert len(found) > 20
    unknown = []
    for place, program, arguments in found:
        if program == "make":
            goals = [each for each in arguments if not each.startswith("-") and "=" not in each and each != ">"]
            known = goals[0] in TARGETS
        else:
            known = program in SHELL or program.startswith("scripts/")
        if not known:
            unknown.append(f"{place}: {program} {arguments}")
    assert unknown == []


@pytest.mark.parametrize("script", sorted({program for _, run in commands() for program, _ in programs(run)} - SHELL))
def test_every_script_can_be_run(script: str) -> None:
    if script != "make":
        assert (PROJECT / script).stat().st_mode & 0o111


def test_expressions_never_become_part_of_a_command() -> None:
    """The name of a branch would be executed; a variable is not."""
    assert [place for place, run in commands() if "${{" in run] == []


def test_actions_are_pinned_to_a_commit_with_its_version() -> None:
    used = [
        line.partition("uses:")[2].strip()
        for path in (*WORKFLOWS, SETUP)
        for line in path.read_text().splitlines()
        if "uses:" in line
    ]
    external = {each for each in used if not each.startswith("./")}
    assert [each for each in external if not PINNED.fullmatch(each)] == []
    names = [each.partition("@")[0] for each in external]
    assert sorted(names) == sorted(set(names)), "one version of each action"
    for local in set(used) - external:
        path = PROJECT / local
        assert path.is_file() or (path / "action.yaml").is_file()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_workflow_has_permissions_by_default_and_each_is_limited(path: Path) -> None:
    workflow = content(path)
    assert workflow["permissions"] == {}
    assert "pull_request_target" not in triggers(workflow)
    assert ("concurrency" in workflow) == (path.name not in DEPLOYING)


def test_jobs_may_only_read_except_for_the_comment() -> None:
    writing = {}
    for file, name, job in jobs():
        assert job["permissions"]["contents"] == "read"
        if rest := {key: value for key, value in job["permissions"].items() if key != "contents"}:
            writing[f"{file} {name}"] = rest
    assert writing == {"preview.yaml comment": {"pull-requests": "write"}}


def test_every_job_has_a_timeout_and_keeps_no_credentials_of_git() -> None:
    for file, name, job in jobs():
        if "uses" in job:
            continue
        assert 0 < job["timeout-minutes"] <= 120, f"{file} {name}"
        checkouts = [step for step in job["steps"] if str(step.get("uses")).startswith("actions/checkout@")]
        assert [step["with"]["persist-credentials"] for step in checkouts] == [False]


def test_jobs_of_pull_requests_use_secrets_only_for_branches_of_this_repository() -> None:
    with_secrets = []
    for file, name, job in jobs():
        if "pull_request" not in triggers(content(FOLDER / "workflows" / file)):
            continue
        if "secrets" in yaml.safe_dump(job) or "environment" in job or job["permissions"] != {"contents": "read"}:
            with_secrets.append(name)
            assert OWN_BRANCH in job["if"], f"{file} {name}"
    assert with_secrets == ["preview", "comment"]


def test_production_is_deployed_after_staging_in_its_own_environment() -> None:
    deployment = content(FOLDER / "workflows" / "deploy.yaml")
    assert triggers(deployment) == {"push": {"branches": ["main"]}}
    assert deployment["jobs"]["prod"]["needs"] == "staging"
    called = content(FOLDER / "workflows" / CALLED)["jobs"]["deploy"]
    assert called["concurrency"] == {"group": "deploy-${{ inputs.stack }}", "cancel-in-progress": False}
    assert called["environment"] == "${{ inputs.stack }}"
    runs = [step["run"] for step in called["steps"] if "run" in step]
    assert [run.split()[0] for run in runs] == ["scripts/deploy-monitoring.sh", "scripts/monitoring-health-check.sh"]


def test_both_stacks_are_previewed_and_searched_for_drift() -> None:
    for file, name in (("preview.yaml", "preview"), ("drift.yaml", "drift")):
        job = content(FOLDER / "workflows" / file)["jobs"][name]
        assert job["strategy"] == {"fail-fast": False, "matrix": {"stack": ["staging", "prod"]}}
        assert job["environment"] == "${{ matrix.stack }}-preview"


def test_gitlab_runs_the_same_commands() -> None:
    def run(prefix: str) -> set[tuple[str, ...]]:
        return {
            (program, *[each for each in arguments if not each.startswith("-") and "=" not in each][:1])
            for place, text in commands()
            if place.startswith("GitLab") == (prefix == "GitLab")
            for program, arguments in programs(text)
            if program == "make"
        }

    assert run("GitLab") == run("GitHub")
