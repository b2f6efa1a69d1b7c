"""Which metrics the rules read, which of them are known, and which were seen on a running exporter."""

from collections.abc import Mapping
from typing import Final

from catalogue import contract, metric_evidence
from catalogue.rule_tests import Suite, name_of
from common.project import RULE_TESTS
from tools.catalogue.evidence import metrics

# Read from the real processes, names with their labels.
LISTS: Final = RULE_TESTS / "exporter_metrics"

_OF_EVERY_SCRAPE: Final = {"up", "ALERTS"}


def metrics_read_by(suites: Mapping[str, Suite]) -> set[str]:
    """Return the metrics that the rules read, without what the rules record."""
    rules = [rule for suite in suites.values() for _, rule in suite.rules]
    recorded = {name_of(rule) for rule in rules if "record" in rule}
    return set().union(*(metrics(rule["expr"]) for rule in rules)) - recorded - _OF_EVERY_SCRAPE


def known_metrics() -> set[str]:
    """Return the metrics of the contract with the application teams and of the exporters' lists."""
    promised = {name for metric in contract.load().values() for name in metric.sample_names}
    lines = [line for path in LISTS.iterdir() for line in path.read_text(encoding="utf-8").splitlines()]
    return promised | {line.partition("{")[0] for line in lines if not line.startswith("#")}


def evidence_states() -> tuple[set[str], set[str]]:
    """Return the metrics that were seen live, and those that are listed with their source because they cannot be."""
    found = metric_evidence.load()
    live = {name for name, metric in found.items() if metric["state"] == "live"}
    return live, set(found) - live
