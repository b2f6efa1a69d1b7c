"""Have promtool tell which mutants of a rule break a case."""

import os
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from rules.durations import duration
from rules.suites import Case, Suite
from tests.mutation.mutants import Mutant
from tests.mutation.subjects import Subject

# Most mutants break a short case, so a case of a week is run for those only that broke none.
_TIERS: Final = (2 * 3600, 2 * 86400, 366 * 86400)


class PromtoolError(Exception):
    """Promtool did not do what it was asked to."""


def survivors(promtool: Path, subject: Subject) -> list[str]:
    """Return the changes of a rule that break no case."""
    left = list(subject.mutants)
    shorter = 0
    for longest in _TIERS:
        cases = tuple(case for case in subject.excerpt.cases if shorter < _length(case) <= longest)
        if left and cases:
            left = _unbroken(promtool, subject, cases, left)
        shorter = longest
    return [mutant.change for mutant in left]


def _length(case: Case) -> int:
    checks = [*case.content.get("alert_rule_test", ()), *case.content.get("promql_expr_test", ())]
    return max(duration(check["eval_time"]) for check in checks)


def _unbroken(promtool: Path, subject: Subject, cases: tuple[Case, ...], mutants: list[Mutant]) -> list[Mutant]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        suites: list[Suite] = [
            replace(subject.excerpt, cases=cases),
            *(replace(subject.mutated(each), cases=cases) for each in mutants),
        ]
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
