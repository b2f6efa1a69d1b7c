"""Shell commands of runbooks and operations guides on the demo platform; each distinct command runs once.

The commands of psql and redis-cli run in `tests/tools/proof/test_runbook_databases.py`, those of the engine and of
`make` in `tests/engine` and `tests/operations`.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from common.project import DOCS, PROJECT, RUNBOOKS
from local.demo.platform import Demo
from local.nodes.layout import NodeLayout
from local.tools.toolset import binary
from tests.cluster.runbook_objects import kubeconfig_with_certificate
from tools.catalogue.commands import blocks, inline_commands

TABLE: Final = Path(__file__).with_name("runbook_commands.yaml")
FOLDERS: Final = (RUNBOOKS, DOCS / "operations")
# First words of lines that run elsewhere.
ELSEWHERE: Final = ("psql", "redis-cli", "pulumi", "make", "eval")
# Seconds.
TIMEOUT: Final = 60
# Most commands wait for a pod.
WORKERS: Final = 6
_FORWARD: Final = "port-forward"
_LOCAL: Final = re.compile(r"\b(localhost|127\.0\.0\.1):")
_DEBUG: Final = "kubectl debug "
_DEBUG_POD: Final = re.compile(r"Creating debugging pod (?P<name>\S+)")
_EXIT_CODE: Final = "{.status.containerStatuses[0].state.terminated.exitCode}"
_FILE: Final = re.compile(r"> (?P<name>[a-z-]+\.txt)$")
_PLACEHOLDER: Final = re.compile(r"<(\w+)>")
# As in labels of alerts; the variables of scripts in a command are in lower case.
_RUNBOOK_VARIABLE: Final = re.compile(r"\$\{?([A-Z_]+)")
_VARIABLE: Final = re.compile(r"\$\{?([A-Za-z_]+)")


@dataclass(frozen=True)
class Missing:
    """Something that the demo platform or this machine lacks, and the commands that need it.

    Attributes:
        what: What is missing.
        commands: Expression that matches these commands.
        probe: Shell command that succeeds where it exists.
        everywhere: Whether it is missing on every machine.
    """

    what: str
    commands: re.Pattern[str]
    probe: str
    everywhere: bool


@dataclass(frozen=True)
class Table:
    """The content of runbook_commands.yaml; its header describes the keys."""

    variables: Mapping[str, str]
    by_document: Mapping[str, Mapping[str, str]]
    dry_run: tuple[re.Pattern[str], ...]
    silent: Mapping[re.Pattern[str], str]
    missing: tuple[Missing, ...]

    @classmethod
    def load(cls) -> Table:
        """Read the table."""
        content: dict[str, Any] = yaml.safe_load(TABLE.read_text())
        return cls(
            content["variables"],
            content["by_document"],
            tuple(map(re.compile, content["dry_run"])),
            {re.compile(pattern): reason for pattern, reason in content["silent"].items()},
            tuple(
                Missing(row["what"], re.compile(row["commands"]), row["probe"], kind == "platform")
                for kind in ("platform", "machine")
                for row in content["missing"][kind]
            ),
        )


@dataclass(frozen=True)
class Step:
    """A line of a document.

    Attributes:
        document: Name of the first document that has it.
        line: The line.
        variables: The values of its variables.
        forward: The port forwarding that it needs.
        changes: Whether it changes something.
    """

    document: str = field(compare=False)
    line: str
    variables: frozenset[tuple[str, str]]
    forward: Step | None = None
    changes: bool = False

    @property
    def source(self) -> str:
        """The command before the first pipe."""
        return self.line[: _first_pipe(self.line)]

    @property
    def filter(self) -> str:
        """The commands after it; empty without a pipe."""
        return self.line[_first_pipe(self.line) + 1 :].strip()

    def __str__(self) -> str:
        """Return document and line."""
        return f"{self.document}: {self.line}"


def steps(table: Table, values: Mapping[str, str]) -> list[Step]:
    """Return every distinct line with its variables.

    `values` are the values of the shell expressions of the table.
    """
    found: dict[Step, None] = {}

    def step(document: str, line: str, forward: Step | None = None, *, changes: bool = False) -> Step:
        text = _PLACEHOLDER.sub(r'"$\1"', line)
        if any(pattern.search(text) for pattern in table.dry_run):
            text = f"{text.partition(' #')[0].rstrip()} --dry-run=server"
        here = {**table.variables, **table.by_document.get(document, {})}
        names = [name for name in _VARIABLE.findall(text) if name in here]
        chosen = frozenset((name, values.get(here[name], here[name])) for name in names)
        return Step(document, text, chosen, forward, changes)

    for folder in FOLDERS:
        for document, lines in blocks(folder):
            forward = None
            for line in _with_files(lines):
                if line.split()[0] in ELSEWHERE:
                    continue
                new = step(document, line, forward if _LOCAL.search(line) else None)
                found.setdefault(new)
                forward = new if _FORWARD in line else forward
        for document, line in inline_commands(folder):
            found.setdefault(step(document, line, changes=True))
    return list(found)


def variables_without_value(table: Table) -> list[str]:
    """Return the variables that the table lacks, with the first document that has each."""
    found = {
        name: step.document for step in reversed(steps(table, {})) for name in _RUNBOOK_VARIABLE.findall(step.line)
    }
    return [f"{document}: {name}" for name, document in found.items() if name not in table.variables]


def expressions(table: Table) -> set[str]:
    """Return the values of variables that are shell expressions."""
    every = [*table.variables.values(), *(value for each in table.by_document.values() for value in each.values())]
    return {value for value in every if value.startswith("$(")}


class Shell:
    """A shell with the tools and the network of the node.

    Args:
        demo: The demo platform.
        folder: Empty folder, the working directory.
    """

    def __init__(self, demo: Demo, folder: Path) -> None:
        self.folder = folder
        self.layout = NodeLayout(demo.control_plane.state)
        programs = folder / "programs"
        programs.mkdir()
        for name in ("kubectl", "helm"):
            with contextlib.suppress(OSError):
                if binary(name).exists():
                    (programs / name).symlink_to(binary(name))
        kubeconfig = folder / "kubeconfig"
        kubeconfig_with_certificate(demo, kubeconfig)
        path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environment = os.environ | {
            "KUBECONFIG": str(kubeconfig),
            "PATH": path,
            "PYTHONPATH": str(PROJECT),
        }

    def run(self, text: str, variables: Mapping[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command in the network of the node; after TIMEOUT it fails.

        `kubectl debug` succeeds although the command in its pod fails, and may miss the output of a short command: its
        result is that of the pod.
        """
        command = [*self.layout.nsenter("net"), "timeout", str(TIMEOUT), "bash", "-c", text]
        result = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **variables},
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if not text.startswith(_DEBUG):
            return result
        pod = _DEBUG_POD.search(result.stdout + result.stderr)
        assert pod, result.stderr
        wait = (
            f"kubectl wait pod/{pod['name']} --timeout={TIMEOUT}s --for=jsonpath={_EXIT_CODE} -o jsonpath={_EXIT_CODE}"
        )
        code = self.run(wait, {}).stdout
        log = self.run(f"kubectl logs {pod['name']}", {}).stdout
        return subprocess.CompletedProcess(result.args, int(code or -1), log, result.stderr)

    @contextlib.contextmanager
    def forwarding(self, step: Step) -> Iterator[str]:
        """Run a port forwarding while the context lasts; yield its error, empty if it listens."""
        command = [*self.layout.nsenter("net"), "bash", "-c", f"exec {step.line}"]
        with (
            subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment | dict(step.variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process,
        ):
            assert process.stdout is not None
            watchdog = threading.Timer(TIMEOUT, process.kill)
            watchdog.start()
            try:
                first = process.stdout.readline()
                yield "" if first.startswith("Forwarding from") else first.strip() or "no output"
            finally:
                watchdog.cancel()
                process.terminate()


class Run:
    """All commands on the demo platform.

    Attributes:
        problems: A line per command that does not work.
        not_run: A line per missing thing, with the number of its commands.
        stale: A line per entry of the table that is not needed.
        count: Number of the distinct commands that ran.
    """

    def __init__(self, shell: Shell, table: Table) -> None:
        self._shell = shell
        self._table = table
        self._lock = threading.Lock()
        self._sources: dict[tuple[str, frozenset[tuple[str, str]]], subprocess.CompletedProcess[str]] = {}
        self._used: set[re.Pattern[str]] = set()
        values = {each: shell.run(f"echo {each}", {}).stdout.strip() for each in expressions(table)}
        everything = steps(table, values)
        self.stale = [f"{each}: has no value" for each, value in values.items() if not value]
        chosen = self._without_missing(everything)
        self.count = len(chosen)
        self.problems = self._run(chosen)
        self.stale += [
            f"silent: {pattern.pattern}" for pattern in table.silent if not any(map(pattern.search, _lines(everything)))
        ]

    def _without_missing(self, everything: list[Step]) -> list[Step]:
        self.not_run: list[str] = []
        chosen = everything
        for missing in self._table.missing:
            needing = [step for step in everything if missing.commands.search(step.line)]
            exists = self._shell.run(missing.probe, self._table.variables).returncode == 0
            if not needing:
                self.stale.append(f"missing: {missing.what}: no command needs it")
            elif exists and missing.everywhere:
                self.stale.append(f"missing: {missing.what}: exists")
            elif not exists:
                self.not_run.append(f"{len(needing):3} commands: {missing.what}")
                chosen = [step for step in chosen if step not in needing]
        return chosen

    def _run(self, chosen: list[Step]) -> list[str]:
        problems: list[str] = []
        with ThreadPoolExecutor(WORKERS) as pool:
            reading = [step for step in chosen if not (step.changes or step.forward or _FORWARD in step.line)]
            problems += filter(None, pool.map(self._problem, reading))
        for forward in (step for step in chosen if _FORWARD in step.line):
            with self._shell.forwarding(forward) as error:
                if error:
                    problems.append(f"{forward}: {error}")
                else:
                    problems += filter(None, map(self._problem, [s for s in chosen if s.forward == forward]))
        problems += filter(None, map(self._problem, [s for s in chosen if s.changes and _FORWARD not in s.line]))
        return problems

    def _problem(self, step: Step) -> str | None:
        """Run a command and return what is wrong with it."""
        source = self._source(step)
        if source.returncode:
            return f"{step}: exit {source.returncode}: {(source.stderr or source.stdout).strip()[-300:]}"
        # curl writes headers and the connection to its standard error.
        output = source.stdout + (source.stderr if step.source.startswith("curl") else "")
        if not step.filter:
            return None if output.strip() or self._may_be_silent(step, "") else f"{step}: prints nothing"
        filtered = self._shell.run(step.filter, dict(step.variables), output)
        if filtered.stdout.strip():
            return None
        if filtered.returncode > 1 or not self._may_be_silent(step, output):
            return f"{step}: prints nothing of {len(output.splitlines())} lines; {filtered.stderr.strip()[-200:]}"
        return None

    def _source(self, step: Step) -> subprocess.CompletedProcess[str]:
        """Run the command before the first pipe, unless it ran before."""
        key = step.source.strip(), step.variables
        with self._lock:
            known = self._sources.get(key)
        if known is None or step.changes:
            known = self._shell.run(step.source, dict(step.variables))
            with self._lock:
                self._sources[key] = known
        return known

    def _may_be_silent(self, step: Step, output: str) -> bool:
        """Return whether a command may print nothing: its filter matches only messages of failing programs."""
        for pattern, program in self._table.silent.items():
            if pattern.search(step.line):
                return bool(output or not step.filter) and self._messages(step, program)
        return False

    def _messages(self, step: Step, program: str) -> bool:
        """Return whether the filter matches messages of a program; without a program, there is nothing to check."""
        found = re.match(r"grep (.*?)(?: \| |$)", step.filter)
        if not program or not found:
            return not program
        return self._has_message(found[1], program)

    @functools.cache  # noqa: B019  # as long as the test
    def _has_message(self, arguments: str, program: str) -> bool:
        text = f"LC_ALL=C grep -a -q {arguments} {binary(program)}"
        return self._shell.run(text, self._table.variables).returncode == 0


def wait_for(condition: Mapping[str, str], shell: Shell, seconds: float) -> list[str]:
    """Wait until every shell command of a table prints its value; return those that do not in time."""
    deadline = time.monotonic() + seconds
    while (
        late := [text for text, value in condition.items() if shell.run(text, {}).stdout.strip() != value]
    ) and time.monotonic() < deadline:
        time.sleep(1)
    return late


def _with_files(lines: list[str]) -> list[str]:
    """Return the lines; one that reads a file which the line before writes belongs to it."""
    found: list[str] = []
    for line in lines:
        written = _FILE.search(found[-1]) if found else None
        if written and written["name"] in line:
            found[-1] = f"{found[-1]}; {line}"
        else:
            found.append(line)
    return found


def _lines(everything: list[Step]) -> list[str]:
    return [step.line for step in everything]


def _first_pipe(line: str) -> int:
    """Return the position of the first pipe outside of quotations, or the end."""
    quoted = ""
    for position, character in enumerate(line):
        if quoted:
            quoted = "" if character == quoted else quoted
        elif character in "'\"":
            quoted = character
        elif character == "|":
            return position
    return len(line)
