"""Firing alerts that the promtool test cases expect."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import yaml

from common.project import RULE_TESTS


@dataclass(frozen=True)
class ExpectedAlert:
    """An expected alert, without the labels for name, environment and cluster."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@functools.cache
def expected_alerts() -> Mapping[str, list[ExpectedAlert]]:
    """Return all expected alerts of the test cases, by name."""
    found: dict[str, list[ExpectedAlert]] = {}
    for file in sorted(RULE_TESTS.glob("*_test.yaml")):
        for case in yaml.load(file.read_text(), yaml.CSafeLoader)["tests"]:
            for check in case.get("alert_rule_test", []):
                for one in check.get("exp_alerts") or []:
                    found.setdefault(check["alertname"], []).append(
                        ExpectedAlert(one["exp_labels"], one["exp_annotations"])
                    )
    return found


def common_labels(names: Iterable[str]) -> set[str]:
    """Return the labels that these alerts have in all test cases."""
    return set.intersection(*(set(one.labels) for name in names for one in expected_alerts()[name]))
