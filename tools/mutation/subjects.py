"""Which rules are changed, what decides whether a change is noticed, and a digest of all of that."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from catalogue.rule_tests import Suite
from tools.mutation.mutants import Mutant, mutants


@dataclass(frozen=True)
class Subject:
    """One rule of a suite, and the alerts and recorded series whose cases its change may break."""

    suite: Suite
    group: str
    rule: Mapping[str, Any]
    proven_by: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the alert's name, or the recorded series' with its group, since several groups may record it."""
        return str(self.rule.get("alert") or f"{self.group}/{self.rule['record']}")

    @cached_property
    def mutants(self) -> list[Mutant]:
        """Return every mutant of the rule."""
        return mutants(self.rule)

    @cached_property
    def excerpt(self) -> Suite:
        """Return the cases that a change may break, with the rules that decide them."""
        return self.suite.excerpt(self.proven_by)

    @cached_property
    def digest(self) -> str:
        """Return twelve characters that are others if the rule, its mutants, or what decides on them is another."""
        cases = [(case.content, case.settings) for case in self.excerpt.cases]
        content = [self.excerpt.groups, cases, [mutant.rule for mutant in self.mutants]]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]

    def mutated(self, mutant: Mutant) -> Suite:
        """Return the suite with a mutant in the place of the rule."""
        groups = [
            {**group, "rules": [mutant.rule if rule is self.rule else rule for rule in group["rules"]]}
            for group in self.suite.groups
        ]
        return replace(self.suite, groups=groups)


def subjects(suites: Mapping[str, Suite]) -> list[Subject]:
    """Return a subject for each rule, in the order of the files."""
    return [subject for suite in suites.values() for subject in _subjects(suite)]


def _subjects(suite: Suite) -> list[Subject]:
    read = {subject: suite.read_by(subject) for subject in sorted({case.subject for case in suite.cases})}
    return [Subject(suite, group, rule, _provers(rule, read)) for group, rule in suite.rules]


def _provers(rule: Mapping[str, Any], read: Mapping[str, list[Mapping[str, Any]]]) -> tuple[str, ...]:
    """Return whose cases a rule decides, those first that read least besides it: they are the quickest."""
    return tuple(sorted((name for name, rules in read.items() if rule in rules), key=lambda name: len(read[name])))
