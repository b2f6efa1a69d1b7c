"""Every metric and label that an alert of the platform reads is one that a deployed exporter has.

The lists in `exporter_metrics/` hold names with labels. Each says of which version they are and where they were read.
"""

import re

import promql_parser
import pytest

from catalogue.loader import load
from catalogue.model import Alert
from catalogue.promql import selectors
from tools.exporter_metrics import LISTS, lines, metrics

AREAS = ("database", "cache", "infrastructure", "kubernetes", "availability", "monitoring")
ALERTS = [alert for alert in load().alerts.values() if alert.area in AREAS]

# The metrics contract with the application teams holds these.
APPLICATION = "bais_"

# What Prometheus adds to every target of a monitor, and what the monitors of single exporters add.
TARGET = {"container", "endpoint", "instance", "job", "namespace", "pod", "service"}
OF_JOB = {"kubelet": {"metrics_path", "node"}, "node-exporter": {"node"}}
EXPORTER_OF_JOB = {"apiserver": "api-server"}
# A probe has a job of its own; its metrics are known by their name.
PROBE = "probe_"
OF_PROBE = {"team"}
# What the catalogue records itself.
RECORDED = ":"

each_list = pytest.mark.parametrize("name", sorted(path.name for path in LISTS.iterdir()))
each_alert = pytest.mark.parametrize("alert", ALERTS, ids=[alert.name for alert in ALERTS])


def known(name: str, selector: promql_parser.VectorSelector) -> set[str]:
    """Return the labels of the selected metric in the list of its job's exporter."""
    if name.startswith(PROBE):
        return metrics("blackbox-exporter.txt")[name] | TARGET | OF_PROBE
    job = next((matcher.value for matcher in selector.matchers.matchers if matcher.name == "job"), "")
    of_target = TARGET | OF_JOB.get(job, set())
    if name == "up":
        return of_target
    return metrics(f"{EXPORTER_OF_JOB.get(job, job)}.txt")[name] | of_target


def problems(expression: str) -> list[str]:
    """Return the metrics and labels of an expression that no exporter has."""
    found = []
    for selector, around in selectors(promql_parser.parse(expression)):
        name = selector.name or ""
        if name.startswith(APPLICATION) or RECORDED in name:
            continue
        try:
            labels = known(name, selector)
        except KeyError:
            found.append(name)
            continue
        read = around.union(matcher.name for matcher in selector.matchers.matchers)
        found += [f"{name}{{{label}}}" for label in sorted(read - labels)]
    return found


@each_list
def test_a_list_says_where_it_comes_from(name: str) -> None:
    heading = (LISTS / name).read_text(encoding="utf-8").partition("\n")[0]
    assert re.match(r"# .*\d+\.\d+\.\d+", heading) or re.match(r"# .*: scraped from the real process", heading)


@each_list
def test_a_list_is_sorted_and_names_nothing_twice(name: str) -> None:
    names = list(metrics(name))
    assert names == sorted(names)
    assert len(names) == len(lines(name))


@each_alert
def test_an_alert_reads_only_metrics_and_labels_that_an_exporter_has(alert: Alert) -> None:
    assert problems(alert.expression) == []


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
def test_what_no_exporter_has_is_found(expression: str, expected: list[str]) -> None:
    assert problems(expression) == expected
