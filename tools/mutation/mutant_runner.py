"""Have promtool tell which mutants of a rule break a case."""

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

# Most mutants break a short case, so a case of a week is run for those only that broke none.
_LENGTHS: Final = (20 * 60, 2 * 3600, 12 * 3600, 2 * 86400, 366 * 86400)
# What is expected to survive is not tried on cases that take days.
_LONGEST_FOR_ACCEPTED: Final = 2 * 3600


class PromtoolError(Exception):
    """Promtool did not do what it was asked to."""


def survivors(promtool: Path, subject: Subject, accepted: Collection[str] = ()) -> list[str]:
    """Return the changes of a rule that break no case; those that are accepted are tried on short cases only."""
    left = list(subject.mutants)
    shorter = 0
    for longest in _LENGTHS:
        # Each with its own excerpt, so that no case is evaluated with rules that do not decide it.
        for name in subject.proven_by:
            cases = tuple(case for case in subject.suite.cases_of(name) if shorter < _length(case) <= longest)
            tried = [each for each in left if longest <= _LONGEST_FOR_ACCEPTED or each.change not in accepted]
            if tried and cases:
                unbroken = _unbroken(promtool, subject, name, cases, tried)
                left = [mutant for mutant in left if mutant not in tried or mutant in unbroken]
        shorter = longest
    return [mutant.change for mutant in left]


def _length(case: Case) -> int:
    checks = [*case.content.get("alert_rule_test", ()), *case.content.get("promql_expr_test", ())]
    return max(parse_duration(check["eval_time"]) for check in checks)


def _unbroken(
    promtool: Path, subject: Subject, name: str, cases: tuple[Case, ...], mutants: list[Mutant]
) -> list[Mutant]:
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        changed = [subject.suite, *(subject.mutated(mutant) for mutant in mutants)]
        suites = [replace(suite.excerpt({name}), cases=cases) for suite in changed]
        files = [[path.name for path in suite.write(folder, str(number))] for number, suite in enumerate(suites)]
        command = [str(promtool), "test", "rules", "--junit=result.xml", *(name for each in files for name in each)]
        subprocess.run(command, cwd=folder, capture_output=True, check=False, env={**os.environ, "GOMAXPROCS": "1"})
        broken = _broken(folder / "result.xml")
    if set(broken) != {name for each in files for name in each}:
        raise PromtoolError(f"{subject.name}: promtool gave no result")
    unbroken = [not any(broken[name] for name in each) for each in files]
    if not unbroken[0]:
        raise PromtoolError(f"{subject.name}: a case fails without any change; run: python -m pytest tests/rules")
    return [mutant for mutant, survives in zip(mutants, unbroken[1:], strict=True) if survives]


def _broken(result: Path) -> dict[str, bool]:
    suites = ElementTree.parse(result).getroot().iter("testsuite")
    return {suite.attrib["name"]: any(int(suite.attrib[each]) for each in ("failures", "errors")) for suite in suites}
