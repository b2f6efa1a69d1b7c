"""Run of the commands of runbooks and operations guides on the demo platform; each distinct command runs once."""

from __future__ import annotations

import functools
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from local.tools.toolset import binary
from tests.cluster.runbook_shell import Shell
from tests.cluster.runbook_steps import Step, Table, expressions, steps

# Most commands wait for a pod.
WORKERS: Final = 6


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
        self._sources: dict[tuple[str, frozenset[tuple[str, str]]], subprocess.CompletedProcess[str]] = {}
        values = {each: shell.run(f"echo {each}", {}).stdout.strip() for each in expressions(table)}
        everything = steps(table, values)
        self.stale = [f"{each}: has no value" for each, value in values.items() if not value]
        chosen = self._without_missing(everything)
        self.count = len(chosen)
        self.problems = self._run(chosen)
        self.stale += [
            f"silent: {pattern.pattern}"
            for pattern in table.silent
            if not any(pattern.search(each.line) for each in everything)
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
        reading = [step for step in chosen if not (step.changes or step.forward or step.forwards)]
        distinct = {(step.source, step.variables): step for step in reading}
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(self._source, distinct.values()))
        problems = list(filter(None, map(self._problem, reading)))
        for forward in (step for step in chosen if step.forwards):
            with self._shell.forwarding(forward) as error:
                if error:
                    problems.append(f"{forward}: {error}")
                else:
                    problems += filter(None, map(self._problem, [s for s in chosen if s.forward == forward]))
        # One after the other, as they change the same objects.
        changing = [step for step in chosen if step.changes and not step.forwards]
        return [*problems, *filter(None, map(self._problem, changing))]

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
        key = step.source, step.variables
        if step.changes or key not in self._sources:
            self._sources[key] = self._shell.run(step.source, dict(step.variables))
        return self._sources[key]

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
