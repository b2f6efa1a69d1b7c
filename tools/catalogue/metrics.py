"""Metrics that the rules read, and metrics that are known or found live."""

from collections.abc import Mapping
from typing import Final

from catalogue import contract, metric_evidence
from catalogue.metrics import BUILT_IN_METRICS
from catalogue.platform import FROM_SETTINGS
from catalogue.rule_tests import Suite, name_of
from common.project import RULE_TESTS
from tools.catalogue.evidence import metrics

# Lists of exporter metrics with their labels.
LISTS: Final = RULE_TESTS / "exporter_metrics"


def metrics_read_by(suites: Mapping[str, Suite]) -> set[str]:
    """Return the metrics that the rules read, without series that rules or the settings of a stack record."""
    rules = [rule for suite in suites.values() for _, rule in suite.rules]
    recorded = {name_of(rule) for rule in rules if "record" in rule}
    read = set().union(*(metrics(rule["expr"]) for rule in rules)) - recorded - BUILT_IN_METRICS
    return {name for name in read if not name.startswith(FROM_SETTINGS)}


def known_metrics() -> set[str]:
    """Return the metrics of the metrics contract and of the exporter lists."""
    contracted = {name for metric in contract.load().values() for name in metric.sample_names}
    lines = [line for path in LISTS.iterdir() for line in path.read_text(encoding="utf-8").splitlines()]
    return contracted | {line.partition("{")[0] for line in lines if not line.startswith("#")}


def evidence_states() -> tuple[set[str], set[str]]:
    """Return the metrics found live, and those listed with their source."""
    evidence = metric_evidence.load()
    live = {name for name, metric in evidence.items() if metric["state"] == "live"}
    return live, set(evidence) - live
