"""Alerts as the tests of the rules see them fire."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import yaml

from common.project import RULE_TESTS


@dataclass(frozen=True)
class Fired:
    """One expected alert: all of its labels but the name and those that every alert of a stack gets, its texts."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@functools.cache
def fired() -> Mapping[str, list[Fired]]:
    """Each alert wherever the tests of the rules see it fire, by name."""
    found: dict[str, list[Fired]] = {}
    for file in sorted(RULE_TESTS.glob("*_test.yaml")):
        for case in yaml.load(file.read_text(), yaml.CSafeLoader)["tests"]:
            for check in case.get("alert_rule_test", []):
                for one in check.get("exp_alerts") or []:
                    found.setdefault(check["alertname"], []).append(Fired(one["exp_labels"], one["exp_annotations"]))
    return found


def in_common(names: Iterable[str]) -> set[str]:
    """The labels that all of these alerts have, wherever they fire."""
    return set.intersection(*(set(one.labels) for name in names for one in fired()[name]))
