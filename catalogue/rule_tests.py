"""Rule files with their promtool test cases, and excerpts of them.

Scalars stay text: YAML 1.1 would read the samples `0x30` as the number 48.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import yaml
from yaml.emitter import Emitter
from yaml.representer import SafeRepresenter
from yaml.resolver import BaseResolver
from yaml.serializer import Serializer

from catalogue.model import AREAS, slo_file
from common.project import RULE_TESTS, RULES

# Folder of the promtool test files.
CASES: Final = RULE_TESTS

_RECORDED: Final = re.compile(r"(?P<name>[a-z_]\w*(?::\w+)+)(?:{(?P<matchers>[^}]*)})?")
_EQUAL: Final = re.compile(r'(?P<label>\w+)="(?P<value>[^"]*)"')


@dataclass(frozen=True)
class Case:
    """A test group of promtool.

    Attributes:
        subject: Alert or recorded series that it tests.
        shows: Behaviours that its name claims to test.
        content: The test group itself.
        settings: Top-level settings of its file, such as the evaluation interval.
    """

    subject: str
    shows: tuple[str, ...]
    content: Mapping[str, Any]
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Suite:
    """A rule file, named without its suffix, and the test cases of all its test files."""

    name: str
    groups: Sequence[Mapping[str, Any]]
    cases: tuple[Case, ...]

    @property
    def rules(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield each rule with the name of its group."""
        return ((group["name"], rule) for group in self.groups for rule in group["rules"])

    def cases_of(self, subject: str) -> tuple[Case, ...]:
        """Return the test cases of an alert or a recorded series."""
        return tuple(case for case in self.cases if case.subject == subject)

    def read_by(self, subject: str) -> list[Mapping[str, Any]]:
        """Return the rules of a subject and, recursively, all rules that they read."""
        found = [rule for _, rule in self.rules if name_of(rule) == subject]
        for reader in found:
            found += (rule for _, rule in self.rules if rule not in found and _reads(reader, rule))
        return found

    def excerpt(self, subjects: Collection[str]) -> "Suite":
        """Return the test cases of these subjects with only the rules that they need.

        Promtool evaluates every rule of a file, so an excerpt is faster.
        """
        needed = [rule for subject in subjects for rule in self.read_by(subject)]
        groups = [{**group, "rules": [rule for rule in group["rules"] if rule in needed]} for group in self.groups]
        cases = tuple(case for case in self.cases if case.subject in subjects)
        return replace(self, groups=[group for group in groups if group["rules"]], cases=cases)

    def write(self, folder: Path, stem: str) -> list[Path]:
        """Write rules and test cases to a folder.

        Return the test files, one per distinct settings.
        """
        rules = folder / f"{stem}.yaml"
        rules.write_text(_render({"groups": self.groups}), encoding="utf-8")
        test_files: list[Path] = []
        for key, cases in groupby(self.cases, key=lambda case: json.dumps(case.settings)):
            path = folder / f"{stem}_{len(test_files)}_test.yaml"
            content = {"rule_files": [rules.name], **json.loads(key), "tests": [case.content for case in cases]}
            path.write_text(_render(content), encoding="utf-8")
            test_files.append(path)
        return test_files


def load(rules: Path = RULES, cases: Path = CASES) -> dict[str, Suite]:
    """Load every rule file with its test cases, in the order of the areas."""
    names = [name.removesuffix(".yaml") for area in AREAS for name in (f"{area}.yaml", slo_file(area))]
    read = {name: _read(rules / f"{name}.yaml")["groups"] for name in names if (rules / f"{name}.yaml").exists()}
    found: dict[str, list[Case]] = {name: [] for name in read}
    for path in sorted(cases.glob("*_test.yaml")):
        content = _read(path)
        [file] = content.pop("rule_files")
        tests = content.pop("tests")
        found[Path(file).stem] += (_case(test, content) for test in tests)
    return {name: Suite(name, groups, tuple(found[name])) for name, groups in read.items()}


def name_of(rule: Mapping[str, Any]) -> str:
    """Return the name of an alert or of a recorded series."""
    return str(rule.get("alert") or rule["record"])


def _reads(reader: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    """Return whether `reader` selects the series that `rule` records."""
    labels = rule.get("labels", {})
    return "record" in rule and any(
        name == rule["record"] and all(labels.get(label, value) == value for label, value in matchers)
        for name, matchers in _selected(reader["expr"])
    )


@cache
def _selected(expression: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the recorded series of an expression with their equality matchers."""
    return [
        (selector["name"], _EQUAL.findall(selector["matchers"] or "")) for selector in _RECORDED.finditer(expression)
    ]


def _case(content: Mapping[str, Any], settings: Mapping[str, Any]) -> Case:
    subject, _, shows = content["name"].partition(": ")
    return Case(subject, tuple(shows.split("; ")), content, settings)


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)


class _Dumper(Emitter, Serializer, SafeRepresenter, BaseResolver):
    """Dumper that quotes a string only where YAML requires it."""

    def __init__(self, stream: Any, **_: Any) -> None:
        Emitter.__init__(self, stream, width=10_000)
        Serializer.__init__(self)
        SafeRepresenter.__init__(self, sort_keys=False)
        BaseResolver.__init__(self)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # the signature is PyYAML's
        return True


def _render(content: Mapping[str, Any]) -> str:
    return str(yaml.dump(content, Dumper=_Dumper))
