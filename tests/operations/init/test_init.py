"""The command `init` with the real engine, whose state is in a folder."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import yaml
from click.testing import CliRunner, Result

from common.project import PROJECT
from local.tools.toolset import binary
from operations.cli import main
from operations.init.engine import Engine, EngineError
from settings.credentials import Credential
from settings.loader import load_sections
from settings.sources import from_file
from tests.operations.init.answers import SECRETS

FILE: Final = "Pulumi.qa.yaml"
# With two secrets only, because each takes the engine half a second.
ANSWERS: Final = {
    "platform": "kind",
    "context": "kind-qa",
    "channels": "slack,pagerduty",
    "slack-access": "bot",
    "runbooks-url": "https://git.example.com/monitoring/blob/main",
}
# The project is this folder for the command; its code is that of the project.
IN_FOLDER: Final = """
import sys
from pathlib import Path
import operations.init.command as command
command.PROJECT = Path(sys.argv.pop(1))
from operations.cli import main
main()
"""


@dataclass(frozen=True)
class Folder:
    """A folder for the stack file, the state of the engine, and the arguments of each of its commands."""

    path: Path

    @property
    def file(self) -> Path:
        return self.path / FILE

    @property
    def commands(self) -> str:
        return (self.path / "commands").read_text()

    def run(self, *options: str, answers: dict[str, str] = ANSWERS) -> Result:
        """Run the command without questions."""
        (self.path / "answers.yaml").write_text(yaml.safe_dump(answers))
        (self.path / "secrets").mkdir(exist_ok=True)
        for name, value in SECRETS.items():
            (self.path / "secrets" / name).write_text(f"{value}\n")
        files = ["--answers", str(self.path / "answers.yaml"), "--secrets", str(self.path / "secrets")]
        return CliRunner().invoke(main, ["init", "--stack", "qa", "--yes", *files, *options])

    def decrypted(self, key: str) -> str:
        """Return a secret of the stack file, as the engine decrypts it."""
        command = [str(binary("pulumi")), "config", "get", f"monitoring:{key}", "--stack", "qa", "--non-interactive"]
        return subprocess.run(command, cwd=self.path, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    for name in ("backend", "home"):
        (tmp_path / name).mkdir()
    shutil.copy2(PROJECT / "Pulumi.yaml", tmp_path)
    monkeypatch.setenv("PULUMI_BACKEND_URL", (tmp_path / "backend").as_uri())
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_SKIP_UPDATE_CHECK", "true")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "passphrase")
    recorder = tmp_path / "pulumi"
    recorder.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/commands\nexec {binary("pulumi")} "$@"\n')
    recorder.chmod(0o755)
    monkeypatch.setattr("operations.init.engine.binary", lambda name: recorder)
    monkeypatch.setattr("operations.init.command.PROJECT", tmp_path)
    return Folder(tmp_path)


def test_a_new_stack_loads_and_no_secret_is_shown(folder: Folder) -> None:
    created = folder.run()
    assert created.exit_code == 0, created.output
    loaded = load_sections(from_file(folder.file, PROJECT / "Pulumi.yaml"))
    assert loaded.problems == ()
    assert loaded.sections["environment"] == "qa"
    assert folder.decrypted("slackBotToken") == SECRETS["slack-bot-token"]
    assert folder.decrypted("pagerdutyRoutingKey") == SECRETS["pagerduty-routing-key"]
    assert created.output.splitlines()[-2:] == [
        "next:  make deploy STACK=qa",
        "then:  make page STACK=qa CHANNEL=warning",
    ]
    # Each secret reaches the engine, but neither as an argument nor unencrypted.
    assert folder.commands.count("config set --secret") == 2
    assert "CANARY" not in created.output + folder.commands + folder.file.read_text()


def test_an_existing_file_is_not_changed(folder: Folder) -> None:
    folder.file.write_text("config: {}\n")
    result = folder.run()
    assert result.exit_code == 1
    assert result.output.startswith(f"{FILE} exists and is not changed: edit it")
    assert folder.file.read_text() == "config: {}\n"
    assert not (folder.path / "commands").exists()


def test_a_file_that_appears_during_the_run_is_not_changed(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    encrypt = Engine.encrypt

    def written_by_another(engine: Engine, credential: Credential, value: str) -> None:
        folder.file.write_text("config: {}\n")
        encrypt(engine, credential, value)

    monkeypatch.setattr(Engine, "encrypt", written_by_another)
    assert "was created in the meantime" in folder.run().output
    assert folder.file.read_text() == "config: {}\n"


def test_all_problems_are_reported_at_once_before_the_engine_creates_a_stack(folder: Folder) -> None:
    result = folder.run("--namespace", "default", "--kind", "prod", answers={**ANSWERS, "runbooks-url": "runbooks"})
    assert result.exit_code == 1
    heading, *lines = result.output.splitlines()
    assert heading == "stack qa was not created:"
    assert sorted(line.split()[0] for line in lines) == ["kind", "namespace", "runbooks-url"]
    assert "select" not in folder.commands
    assert not folder.file.exists()


def test_a_missing_passphrase_is_a_problem(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    assert "the variable PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE" in folder.run().output


def test_without_a_login_the_error_says_so(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL")
    result = folder.run()
    assert result.exit_code == 1
    assert "log in first: pulumi login" in result.output


@pytest.mark.parametrize("error", [KeyboardInterrupt, EngineError])
def test_an_interrupted_run_leaves_no_file_and_a_second_run_completes_it(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    encrypt = Engine.encrypt

    def interrupted(engine: Engine, credential: Credential, value: str) -> None:
        if credential.key == "pagerdutyRoutingKey":
            raise error("interrupted")
        encrypt(engine, credential, value)

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "encrypt", interrupted)
        assert folder.run().exit_code == 1
    assert not folder.file.exists()
    assert list((folder.path / ".state" / "init").iterdir()) == []
    assert folder.run().exit_code == 0
    assert folder.decrypted("pagerdutyRoutingKey") == SECRETS["pagerduty-routing-key"]


def test_a_deployed_stack_without_its_file_is_refused(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "_run", lambda *_, **__: '[{"name": "organization/monitoring/qa", "resourceCount": 9}]')
    result = folder.run()
    assert "stack qa is deployed, but Pulumi.qa.yaml is missing: restore the file" in result.output
    assert not folder.file.exists()


class Terminal:
    """The command in a terminal, whose output is `shown`."""

    def __init__(self, folder: Path) -> None:
        self._master, child = pty.openpty()
        self.shown = self._new = ""
        environment = {name: value for name, value in os.environ.items() if name != "PULUMI_CONFIG_PASSPHRASE"}
        command = [sys.executable, "-c", IN_FOLDER, str(folder), "init", "--stack", "qa"]
        # A group of its own with this terminal, so that Ctrl-C goes to the command only.
        self.process = subprocess.Popen(
            command, stdin=child, stdout=child, stderr=child, cwd=PROJECT, env=environment, start_new_session=True
        )
        os.close(child)

    def expect(self, text: str) -> None:
        """Wait until a text is shown after the one before."""
        deadline = time.monotonic() + 60
        while text not in self._new:
            assert time.monotonic() < deadline, f"{text!r} not in:\n{self.shown}"
            if select.select([self._master], [], [], 1)[0]:
                try:
                    new = os.read(self._master, 65536).decode()
                except OSError:  # The command ended.
                    raise AssertionError(f"{text!r} not in:\n{self.shown}") from None
                self._new += new
                self.shown += new
        self._new = self._new.partition(text)[2]

    def answer(self, prompt: str, text: str) -> None:
        self.expect(prompt)
        os.write(self._master, f"{text}\n".encode())

    def interrupt(self) -> int:
        """Press Ctrl-C until the command ends, and return its exit code; one just before it reads may be missed."""
        for _ in range(5):
            self.process.send_signal(signal.SIGINT)
            try:
                return self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                continue
        raise AssertionError(f"still running after Ctrl-C:\n{self.shown}")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal(folder: Folder) -> Iterator[Terminal]:
    terminal = Terminal(folder.path)
    yield terminal
    terminal.close()


def test_questions_are_checked_one_by_one_and_secrets_are_not_shown(folder: Folder, terminal: Terminal) -> None:
    terminal.answer("Platform of the cluster", "minikube")
    terminal.answer("found minikube; allowed: one of", "k3d")
    terminal.answer("Kind of environment", "")
    terminal.answer("Context of the kubeconfig", "k3d-qa")
    terminal.answer("Namespace", "kube-system")
    terminal.answer("allowed: a namespace of its own", "")
    terminal.answer("Storage class", "")
    terminal.answer("Notification channels", "pagerduty")
    terminal.answer("allowed: slack, email or both", "slack")
    terminal.answer("Access to Slack", "bot")
    terminal.answer("Secret in the cluster", "")
    terminal.answer("Address at which people open Grafana", "")
    terminal.answer("Address of the folder", "https://git.example.com/monitoring")
    terminal.answer("BAIS services", "")
    terminal.answer("Encryption of the secrets", "")
    terminal.answer("slackBotToken, not shown", "CANARY")
    terminal.expect("found a string of 6 characters; allowed: a Slack bot token")
    terminal.answer("slackBotToken, not shown", "xoxb-CANARY")
    terminal.answer("Passphrase of the secrets", "CANARY phrase")
    terminal.answer("Repeat for confirmation", "CANARY phrase")
    terminal.expect("CHANNEL=warning")
    assert terminal.process.wait(timeout=30) == 0
    assert "CANARY" not in terminal.shown
    loaded = load_sections(from_file(folder.file, PROJECT / "Pulumi.yaml"))
    assert loaded.problems == ()
    assert loaded.sections["prometheus"].storage.storage_class == "local-path"


def test_ctrl_c_at_a_question_leaves_nothing(folder: Folder, terminal: Terminal) -> None:
    terminal.expect("openshift, other): ")
    assert terminal.interrupt() == 1
    assert not folder.file.exists()
    assert list((folder.path / ".state" / "init").iterdir()) == []


def test_without_a_terminal_nothing_is_asked(folder: Folder) -> None:
    result = CliRunner().invoke(main, ["init", "--stack", "qa"])
    assert result.exit_code == 1
    assert "use --yes, with --answers and --secrets" in result.output
