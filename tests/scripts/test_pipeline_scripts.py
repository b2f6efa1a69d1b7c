"""Scripts of the pipelines, with stand-ins for GitHub's client, GitLab and Slack."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from common.project import PROJECT

MARKER: Final = "<!-- marker -->"
COMMENT: Final = f"{MARKER}\n### prod: no changes & 1 + 1\n"
TOKEN: Final = "glpat-canary"
# Answers the list of comments with $COMMENTS through the filter, and records every change with its body.
GH: Final = """#!/usr/bin/env bash
if [ "$2" = --paginate ]; then printf '%s' "$COMMENTS" | jq --raw-output "$5"; exit; fi
echo "$*" >> "$CALLS"
"""


class Requests:
    """Requests that a server got: method, path and body."""

    def __init__(self, notes: list[dict[str, Any]]) -> None:
        self.notes = notes
        self.changes: list[tuple[str, str, str]] = []
        self.tokens: set[str | None] = set()


@pytest.fixture
def server() -> Iterator[tuple[str, Requests]]:
    """Address and requests of a stand-in for GitLab and Slack."""
    requests = Requests([{"id": 3, "body": "a remark"}])

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            requests.tokens.add(self.headers["PRIVATE-TOKEN"])
            body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            if self.command != "GET":
                requests.changes.append((self.command, self.path, body))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(requests.notes if self.command == "GET" else {}).encode())

        do_GET = do_PUT = do_POST = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", requests
        running.shutdown()


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROJECT / "scripts" / script, *arguments],
        env=os.environ | environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.fixture
def comment(tmp_path: Path) -> str:
    path = tmp_path / "comment.md"
    path.write_text(COMMENT)
    return str(path)


def github(tmp_path: Path, comment: str, comments: list[dict[str, Any]]) -> str:
    """Run the script with a stand-in for gh, and return the arguments of its changes."""
    program, calls = tmp_path / "bin" / "gh", tmp_path / "calls"
    program.parent.mkdir()
    program.write_text(GH)
    program.chmod(0o755)
    result = run(
        "comment-on-github.sh", comment,
        PATH=f"{program.parent}:{os.environ['PATH']}", COMMENTS=json.dumps(comments), CALLS=str(calls),
        GITHUB_REPOSITORY="bais/monitoring", PULL_REQUEST="7",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return calls.read_text()


def test_the_first_comment_on_github_is_created(tmp_path: Path, comment: str) -> None:
    others = [{"id": 1, "body": MARKER, "user": {"type": "User"}}, {"id": 2, "body": "x", "user": {"type": "Bot"}}]
    assert github(tmp_path, comment, others) == (
        f"api --silent --method POST repos/bais/monitoring/issues/7/comments --field body=@{comment}\n"
    )


def test_the_next_comment_on_github_replaces_the_first(tmp_path: Path, comment: str) -> None:
    first = [{"id": 5, "body": COMMENT, "user": {"type": "Bot"}}]
    assert github(tmp_path, comment, first) == (
        f"api --silent --method PATCH repos/bais/monitoring/issues/comments/5 --field body=@{comment}\n"
    )


@pytest.mark.parametrize("script", ["comment-on-github.sh", "comment-on-gitlab.sh"])
def test_an_empty_summary_is_an_error(script: str, tmp_path: Path) -> None:
    empty = tmp_path / "comment.md"
    empty.touch()
    values = ("GITHUB_REPOSITORY", "PULL_REQUEST", "CI_API_V4_URL", "CI_PROJECT_ID", "CI_MERGE_REQUEST_IID")
    result = run(script, str(empty), **dict.fromkeys(values, "x"))
    assert result.returncode == 1
    assert "comment.md is empty: the summary failed" in result.stderr


def test_the_note_on_gitlab_is_created_and_then_replaced(server: tuple[str, Requests], comment: str) -> None:
    address, requests = server
    environment = {"CI_API_V4_URL": address, "CI_PROJECT_ID": "4", "CI_MERGE_REQUEST_IID": "7", "GITLAB_TOKEN": TOKEN}
    assert run("comment-on-gitlab.sh", comment, **environment).returncode == 0
    requests.notes.append({"id": 9, "body": COMMENT})
    assert run("comment-on-gitlab.sh", comment, **environment).returncode == 0
    path = "/projects/4/merge_requests/7/notes"
    body = f"body={urllib.parse.quote(COMMENT, safe='')}"
    assert [(method, place) for method, place, _ in requests.changes] == [("POST", path), ("PUT", f"{path}/9")]
    assert {urllib.parse.unquote_plus(sent) for *_, sent in requests.changes} == {urllib.parse.unquote(body)}
    assert requests.tokens == {TOKEN}


def test_a_report_to_slack_has_the_title_the_address_and_the_summary(
    server: tuple[str, Requests], comment: str
) -> None:
    address, requests = server
    result = run(
        "report-to-slack.sh", "Drift of stack prod", comment,
        SLACK_WEBHOOK_URL=f"{address}/services/canary", RUN_URL="https://ci.example/1",
    )  # fmt: skip
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    ((method, path, body),) = requests.changes
    assert (method, path) == ("POST", "/services/canary")
    assert json.loads(body)["text"] == "Drift of stack prod: https://ci.example/1\n### prod: no changes & 1 + 1"


def test_a_report_without_a_summary_is_sent_too(server: tuple[str, Requests], tmp_path: Path) -> None:
    """The job failed before it had one."""
    address, requests = server
    missing = str(tmp_path / "drift.md")
    assert run("report-to-slack.sh", "Drift of stack prod", missing, SLACK_WEBHOOK_URL=address).returncode == 0
    assert json.loads(requests.changes[0][2])["text"] == "Drift of stack prod: \n"


def test_a_report_that_slack_refuses_fails(comment: str) -> None:
    result = run("report-to-slack.sh", "title", comment, SLACK_WEBHOOK_URL="http://127.0.0.1:9/canary")
    assert result.returncode != 0
    assert "canary" not in result.stdout + result.stderr


def test_a_kubeconfig_is_written_to_a_private_file_that_later_steps_use(tmp_path: Path) -> None:
    variables = tmp_path / "environment"
    environment = {"RUNNER_TEMP": str(tmp_path), "GITHUB_ENV": str(variables)}
    assert run("write-kubeconfig.sh", KUBECONFIG_CONTENT="", **environment).returncode == 0
    assert not variables.exists()
    assert run("write-kubeconfig.sh", KUBECONFIG_CONTENT="kind: Config", **environment).returncode == 0
    file = tmp_path / "kubeconfig"
    assert variables.read_text() == f"KUBECONFIG={file}\n"
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("kind: Config\n", 0o600)
