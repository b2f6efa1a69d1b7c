"""The command that summarises previews, on files of events."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import click.testing
import pytest
import yaml

from operations.preview_summary.cli import main
from operations.preview_summary.comment import MARKER, comment
from operations.preview_summary.events import error_event, read_preview
from operations.preview_summary.model import PreviewError
from operations.preview_summary.stack_settings import setting_changes
from operations.preview_summary.summary import summarise
from settings.credentials import CREDENTIALS
from tests.operations.preview_summary import events_by_hand as by_hand
from tests.operations.preview_summary.events_by_hand import CLAIM, CONFIG_MAP
from tools.canaries import canary, leaked_credentials


def run(*arguments: str, stdin: str = "", **environment: str) -> click.testing.Result:
    return click.testing.CliRunner().invoke(main, arguments, input=stdin, env=environment)


def test_events_are_read_from_standard_input() -> None:
    result = run(stdin=by_hand.text([by_hand.step("same", CONFIG_MAP, "x", {}, {})]))
    assert (result.exit_code, result.stdout) == (0, f"{MARKER}\n### prod: no changes\n")


def test_several_stacks_are_one_comment(tmp_path: Path) -> None:
    for stack in ("staging", "prod"):
        events = by_hand.text([by_hand.step("same", CONFIG_MAP, "x", {}, {}, stack=stack)])
        (tmp_path / f"{stack}.jsonl").write_text(events)
    result = run(str(tmp_path / "staging.jsonl"), str(tmp_path / "prod.jsonl"))
    assert result.stdout == f"{MARKER}\n### staging: no changes\n\n### prod: no changes\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not JSON\n", "line 1 is not an event of the engine"),
        ('{"other": 1}\n', "line 1 is not an event of the engine"),
        ('{"summaryEvent": {}}\n{"a":', "line 2 is not an event of the engine"),
        ('{\n    "steps": []\n}\n', "found a preview in one JSON object; run it with PULUMI_ENABLE_STREAMING"),
    ],
)
def test_malformed_json_is_one_clear_error(text: str, message: str) -> None:
    result = run(stdin=text)
    assert result.exit_code == 1
    assert message in result.stderr
    assert (len(result.stderr.splitlines()), result.stdout) == (1, "")


@pytest.mark.parametrize("text", ["", json.dumps(by_hand.step("same", CONFIG_MAP, "x", {}, {}))])
def test_a_preview_without_a_result_is_never_a_success(text: str) -> None:
    result = run(stdin=text)
    assert result.exit_code == 1
    assert "preview failed\n\n- **error**: `the preview ended without a result`" in result.stdout


def test_a_missing_preview_is_a_failed_preview(tmp_path: Path) -> None:
    result = run(str(tmp_path / "prod.jsonl"))
    assert result.exit_code == 1
    assert "### prod: preview failed" in result.stdout
    assert "prod.jsonl is missing" in result.stdout


def test_a_damaged_preview_does_not_hide_that_of_another_stack(tmp_path: Path) -> None:
    """The end of a file is missing if the engine was killed."""
    events = by_hand.text([by_hand.step("same", CONFIG_MAP, "x", {}, {}, stack="prod")])
    (tmp_path / "prod.jsonl").write_text(events)
    (tmp_path / "staging.jsonl").write_text(events[:-20])
    result = run(str(tmp_path / "staging.jsonl"), str(tmp_path / "prod.jsonl"))
    assert result.exit_code == 1
    assert "### staging: preview failed" in result.stdout
    assert "staging.jsonl: line 2 is not an event" in result.stdout
    assert "### prod: no changes" in result.stdout


def test_an_unknown_stack_is_a_clear_error() -> None:
    result = run("--stack", "../prod")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: STACK: found '../prod'; allowed: ")
    assert result.stderr.endswith("one of local, prod, staging\n")


def test_an_engine_that_fails_before_its_first_event_is_a_failed_preview() -> None:
    result = run(stdin=f"{error_event('no login')}\n")
    assert (result.exit_code, result.stdout) == (
        1,
        f"{MARKER}\n### unknown stack: preview failed\n\n- **error**: `no login`\n",
    )


def test_a_failed_preview_and_a_violation_are_refused() -> None:
    for event in (by_hand.error("no chart"), by_hand.violation("service-internal", "Service open")):
        result = run(stdin=by_hand.text([event], "failed"))
        assert (result.exit_code, result.stderr.splitlines()[-1].partition(": ")[2]) == (1, "the preview failed")


def test_the_loss_of_a_claim_is_refused_until_it_is_accepted() -> None:
    events = by_hand.text([by_hand.step("delete", CLAIM, "prometheus-0", {})])
    refused = run(stdin=events)
    assert refused.exit_code == 1
    assert refused.stderr == (
        "prod: the data of these claims would be lost: prometheus-0; to accept that: ALLOW_DATA_LOSS=1\n"
    )
    assert run(stdin=events, ALLOW_DATA_LOSS="1").exit_code == 0
    assert run(stdin=events, ALLOW_DATA_LOSS="").exit_code == 1


def test_a_retained_claim_is_not_refused() -> None:
    events = by_hand.text([by_hand.step("delete", CLAIM, "prometheus-0", {}, retainOnDelete=True)])
    assert run(stdin=events).exit_code == 0


def test_drift_is_refused_where_no_changes_are_expected() -> None:
    events = by_hand.text([by_hand.step("update", CONFIG_MAP, "x", {}, {})])
    assert run(stdin=events).exit_code == 0
    assert run("--expect-no-changes", stdin=events).stderr == "prod: found 1 change; allowed: none\n"


def test_the_json_has_what_the_comment_shows() -> None:
    old, new = by_hand.rules(by_hand.alert()), by_hand.rules(by_hand.alert() | {"for": "9m"})
    result = run("--json", stdin=by_hand.text([by_hand.step("update", by_hand.RULES, "api", old, new)]))
    (stack,) = json.loads(result.stdout)["stacks"]
    assert (stack["stack"], stack["changes"], stack["failed"]) == ("prod", 1, False)
    assert stack["alerts"] == [
        {
            "name": "ErrorsHigh",
            "state": "changed",
            "numbers": [],
            "expression": False,
            "fields": {"for": {"old": "5m", "new": "9m"}},
        }
    ]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a stack file, and a change of it that is not committed."""
    path = tmp_path / "Pulumi.prod.yaml"
    path.write_text("config:\n  monitoring:prometheus: {retention: 30d}\n")
    identity = ("-c", "user.name=test", "-c", "user.email=test@bais.example")
    for arguments in (["init", "--quiet"], ["add", "."], [*identity, "commit", "--quiet", "--message=first"]):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)
    path.write_text("config:\n  monitoring:prometheus: {retention: 15d}\n")
    return tmp_path


def test_settings_are_compared_with_those_of_a_commit(repository: Path) -> None:
    assert setting_changes("prod", "HEAD", repository) == [("prometheus.retention", "30d", "15d")]
    (repository / "Pulumi.dev.yaml").write_text("config:\n  monitoring:namespace: a\n")
    assert setting_changes("dev", "HEAD", repository) == [("namespace", None, "a")]


def test_a_credential_in_a_stack_file_is_hidden_even_if_it_is_not_encrypted(repository: Path) -> None:
    values = {each.key: canary(each) for each in CREDENTIALS}
    (repository / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": values}))
    preview = read_preview(by_hand.text([]), "prod")
    shown = comment([summarise(preview, setting_changes("prod", "HEAD", repository))])
    assert all(f"setting `{key}`: unset → `[secret]`" in shown for key in values)
    assert leaked_credentials(CREDENTIALS, shown) == set()


@pytest.mark.parametrize("base", ["nowhere", "--help"])
def test_an_unknown_commit_is_a_clear_error(base: str, repository: Path) -> None:
    with pytest.raises(PreviewError, match=f"BASE: found {base}; allowed: a commit"):
        setting_changes("prod", base, repository)
