"""Runs of promtool that determine which mutants of a rule survive its test cases."""

import os
import subprocess
import tempfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from catalogue.rule_tests import Case
from common.durations import parse_duration
from tools.mutation.mutants import Mutant
from tools.mutation.subjects import Subject

# Upper bounds of the case lengths in seconds. Long cases run only for mutants that survive the shorter ones.
_LENGTHS: Final = (20 * 60, 2 * 3600, 12 * 3600, 2 * 86400, 366 * 86400)
# Accepted mutants are not tested with cases that simulate days.
_LONGEST_FOR_ACCEPTED: Final = 2 * 3600


class PromtoolError(Exception):
    """Promtool gave no result, or a case fails without a mutation."""


def survivors(promtool: Path, subject: Subject, accepted: Collection[str] = ()) -> list[str]:
    """Return the changes of a rule that no test case detects.

    Accepted changes are tested only with short cases.

    Raises:
        PromtoolError: if promtool gives no result, or a case fails without a mutation.
    """
    remaining = list(subject.mutants)
    shorter = 0
    for longest in _LENGTHS:
        # One excerpt per subject, so that a case is evaluated only with the rules that it needs.
        for name in subject.covered_by:
            cases = tuple(case for case in subject.suite.cases_of(name) if shorter < _length(case) <= longest)
            tested = [each for each in remaining if longest <= _LONGEST_FOR_ACCEPTED or each.change not in accepted]
            if tested and cases:
                surviving = _surviving(promtool, subject, name, cases, tested)
                remaining = [mutant for mutant in remaining if mutant not in tested or mutant in surviving]
        shorter = longest
    return [mutant.change for mutant in remaining]


def _length(case: Case) -> int:
    checks = [*case.content.get("alert_rule_test", ()), *case.content.get("promql_expr_test", ())]
    return max(parse_duration(check["eval_time"]) for check in checks)


def _surviving(
    promtool: Path, subject: Subject, name: str, cases: tuple[Case, ...], mutants: list[Mutant]
) -> list[Mutant]:
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        changed = [subject.suite, *(subject.mutated(mutant) for mutant in mutants)]
        suites = [replace(suite.excerpt({name}), cases=cases) for suite in changed]
        files = [[path.name for path in suite.write(folder, str(number))] for number, suite in enumerate(suites)]
        command = [str(promtool), "test", "rules", "--junit=result.xml", *(name for each in files for name in each)]
        subprocess.run(command, cwd=folder, capture_output=True, check=False, env={**os.environ, "GOMAXPROCS": "1"})
        failed = _failed_files(folder / "result.xml")
    if set(failed) != {name for each in files for name in each}:
        raise PromtoolError(f"{subject.name}: promtool gave no result")
    passed = [not any(failed[name] for name in each) for each in files]
    if not passed[0]:
        raise PromtoolError(f"{subject.name}: a case fails without a mutation; run: python -m pytest tests/rules")
    return [mutant for mutant, survives in zip(mutants, passed[1:], strict=True) if survives]


def _failed_files(result: Path) -> dict[str, bool]:
    suites = ElementTree.parse(result).getroot().iter("testsuite")
    return {suite.attrib["name"]: any(int(suite.attrib[each]) for each in ("failures", "errors")) for suite in suites}
