"""Metrics and labels of alerts, checked against lists of exporter metrics.

The lists in `exporter_metrics/` hold metric names with labels; their first lines name version and source.
"""

import re
from typing import Final

import promql_parser
import pytest

from catalogue.loader import load
from catalogue.promql import selectors
from tools.exporter_metrics import LISTS, lines, metrics

AREAS: Final = ("database", "cache", "infrastructure", "kubernetes", "availability", "monitoring")
ALERTS: Final = list(load().alerts.values())

# Prefix of the metrics in the metrics contract, which tests/catalogue/test_contract.py checks.
APPLICATION: Final = "bais_"

# Labels that Prometheus adds to every target, and those that the monitors of some exporters add.
TARGET: Final = {"container", "endpoint", "instance", "job", "namespace", "pod", "service"}
OF_JOB: Final = {"kubelet": {"metrics_path", "node"}, "node-exporter": {"node"}}
EXPORTER_OF_JOB: Final = {"apiserver": "api-server", "coredns|kube-dns": "coredns"}
# Every probe has its own job; its metrics are recognised by their prefix.
PROBE: Final = "probe_"
OF_PROBE: Final = {"team"}
# Part of the names of recorded series.
RECORDED: Final = ":"

NAMES_OF_LISTS: Final = sorted(path.name for path in LISTS.iterdir())


def known(name: str, selector: promql_parser.VectorSelector) -> set[str]:
    """Return the labels of a metric according to the list of its exporter."""
    if name.startswith(PROBE):
        return metrics("blackbox-exporter.txt")[name] | TARGET | OF_PROBE
    job = next((matcher.value for matcher in selector.matchers.matchers if matcher.name == "job"), "")
    # Without a matcher of the job, the targets of every exporter are meant.
    of_target = TARGET | (OF_JOB.get(job, set()) if job else set().union(*OF_JOB.values()))
    if name == "up":
        return of_target if job else of_target.union(*OF_JOB.values())
    return metrics(f"{EXPORTER_OF_JOB.get(job, job)}.txt")[name] | of_target


def find_problems(expression: str) -> list[str]:
    """Return the metrics and labels of an expression that no exporter exposes."""
    found = []
    for selector, needed in selectors(promql_parser.parse(expression)):
        name = selector.name or ""
        if name.startswith(APPLICATION) or RECORDED in name:
            continue
        try:
            labels = known(name, selector)
        except KeyError:
            found.append(name)
            continue
        read = needed.union(matcher.name for matcher in selector.matchers.matchers)
        found += [f"{name}{{{label}}}" for label in sorted(read - labels)]
    return found


def test_a_list_names_its_source() -> None:
    assert NAMES_OF_LISTS
    headings = {name: (LISTS / name).read_text(encoding="utf-8").partition("\n")[0] for name in NAMES_OF_LISTS}
    source = re.compile(r"# .*\d+\.\d+\.\d+|# .*: scraped from the real process")
    assert [name for name, heading in headings.items() if not source.match(heading)] == []


def test_a_list_is_sorted_and_has_no_duplicates() -> None:
    assert [name for name in NAMES_OF_LISTS if list(metrics(name)) != sorted(metrics(name))] == []
    assert [name for name in NAMES_OF_LISTS if len(metrics(name)) != len(lines(name))] == []


@pytest.mark.parametrize("area", AREAS)
def test_an_alert_reads_only_existing_metrics_and_labels(area: str) -> None:
    alerts = [alert for alert in ALERTS if alert.area == area]
    assert alerts
    unknown = [f"{alert.name}: {each}" for alert in alerts for each in find_problems(alert.expression)]
    assert unknown == [], "correct the rule, or add the metric to tests/rules/exporter_metrics/"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('pg_replication_lag{job="postgres-exporter"} > 1', ["pg_replication_lag"]),
        ('redis_up{job="redis-exporter", shard="a"} == 0', ["redis_up{shard}"]),
        ('max by (host) (node_load1{job="node-exporter"}) > 1', ["node_load1{host}"]),
        (
            'up{job="kubelet"} unless on (zone) kube_pod_info{job="kube-state-metrics"}',
            ["up{zone}", "kube_pod_info{zone}"],
        ),
        ('increase(node_systemd_unit_state{job="node-exporter"}[5m]) > 0', ["node_systemd_unit_state"]),
    ],
)
def test_an_unknown_metric_or_label_is_found(expression: str, expected: list[str]) -> None:
    assert find_problems(expression) == expected
