"""Subjects of the mutation tests: rules with the test cases that cover them."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from catalogue.rule_tests import Suite
from tools.mutation.mutants import Mutant, mutants

_TEMPLATE: Final = re.compile(r"{{.*?}}")


@dataclass(frozen=True)
class Subject:
    """A rule of a suite, and the alerts and recorded series whose test cases cover it."""

    suite: Suite
    group: str
    rule: Mapping[str, Any]
    covered_by: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the name of the alert, or group and name of the recorded series.

        If several rules of a group record the same series, the name has the labels by which they differ.
        """
        if alert := self.rule.get("alert"):
            return str(alert)
        record = self.rule["record"]
        same = [rule for group, rule in self.suite.rules if (group, rule.get("record")) == (self.group, record)]
        labels = ", ".join(f'{name}="{value}"' for name, value in sorted(self.rule.get("labels", {}).items()))
        return f"{self.group}/{record}" + (f"{{{labels}}}" if len(same) > 1 else "")

    @cached_property
    def mutants(self) -> list[Mutant]:
        """Return every mutant of the rule."""
        return mutants(self.rule)

    @cached_property
    def excerpt(self) -> Suite:
        """Return the test cases that cover the rule, with the rules that they need."""
        return self.suite.excerpt(self.covered_by)

    @cached_property
    def digest(self) -> str:
        """Return 12 characters that identify the rule, its mutants and its test cases.

        Texts are left out, so that a reworded annotation needs no new run: a case compares a text with what the same
        text renders to. Only the values in it can decide, and their templates are in the digest.
        """
        cases = [(case.content, case.settings) for case in self.excerpt.cases]
        content = [self.excerpt.groups, cases, [mutant.rule for mutant in self.mutants]]
        return hashlib.sha256(json.dumps(_without_texts(content), sort_keys=True).encode()).hexdigest()[:12]

    def mutated(self, mutant: Mutant) -> Suite:
        """Return the suite with the rule replaced by a mutant."""
        groups = [
            {**group, "rules": [mutant.rule if rule is self.rule else rule for rule in group["rules"]]}
            for group in self.suite.groups
        ]
        return replace(self.suite, groups=groups)


def _without_texts(value: Any) -> Any:
    """Return rules and cases without case names and expected texts, and with the templates of annotations only."""
    if isinstance(value, Mapping):
        return {
            key: _TEMPLATE.findall(json.dumps(item, sort_keys=True)) if key == "annotations" else _without_texts(item)
            for key, item in value.items()
            if key not in ("name", "exp_annotations")
        }
    if isinstance(value, list | tuple):
        return [_without_texts(item) for item in value]
    return value


def subjects(suites: Mapping[str, Suite]) -> list[Subject]:
    """Return one subject per rule, in the order of the files."""
    return [subject for suite in suites.values() for subject in _subjects(suite)]


def _subjects(suite: Suite) -> list[Subject]:
    read = {subject: suite.read_by(subject) for subject in sorted({case.subject for case in suite.cases})}
    return [Subject(suite, group, rule, _covering_subjects(rule, read)) for group, rule in suite.rules]


def _covering_subjects(rule: Mapping[str, Any], read: Mapping[str, list[Mapping[str, Any]]]) -> tuple[str, ...]:
    """Return the subjects whose test cases need a rule, the fastest first."""
    return tuple(sorted((name for name, rules in read.items() if rule in rules), key=lambda name: len(read[name])))
