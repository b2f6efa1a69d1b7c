"""Findings of the existence proof, without any process."""

import json

import pytest

from tools.proof.proof import Finding, render_evidence
from tools.proof.reads import Read, collect_reads
from tools.proof.scraping import Place, redirect_to_loopback


def read(metric: str, *labels: str, job: str | None = None) -> Read:
    return Read(metric, f'{metric}{{job="{job}"}}', frozenset(labels), ("ANAlert",), job)


def test_a_selector_is_listed_once_with_all_its_labels_and_readers() -> None:
    found = {each.selector: each for each in collect_reads()}
    assert len(found) == len(collect_reads())
    up = found['up{endpoint!=""}']
    assert up.labels >= {"endpoint", "namespace", "job", "service"}
    assert {"TargetDown"} <= set(up.readers)
    # A label with an empty matcher does not need to exist.
    assert "endpoint" not in found['up{endpoint="", service!=""}'].labels


@pytest.mark.parametrize(
    ("finding", "proven", "listed"),
    [
        (Finding(read("node_load1", "node", job="node-exporter"), frozenset(), ("node-exporter",)), True, False),
        (
            Finding(read("node_load1", "zone", job="node-exporter"), frozenset({"zone"}), ("node-exporter",)),
            False,
            False,
        ),
        (Finding(read("node_load", job="node-exporter"), frozenset(), None), False, False),
        (Finding(read("up", "metrics_path", job="kubelet"), frozenset(), None), False, True),
        (Finding(read("up", "zone", job="kubelet"), frozenset(), None), False, False),
        (Finding(read("up", job="node-exporter"), frozenset(), None), False, False),
    ],
)
def test_a_finding_is_proven_or_listed_or_neither(finding: Finding, proven: bool, listed: bool) -> None:
    assert (finding.proven, finding.listed) == (proven, listed)


def test_an_unproven_finding_names_what_is_missing_and_its_readers() -> None:
    finding = Finding(read("node_load1", job="node-exporter"), frozenset({"zone"}), ("node-exporter",))
    assert str(finding) == 'node_load1{job="node-exporter"}: no label zone; read by ANAlert'
    assert "no series" in str(Finding(finding.read, frozenset(), None))


def test_the_evidence_has_state_and_source_of_each_proven_or_listed_metric() -> None:
    findings = [
        Finding(read("up", job="kubelet"), frozenset(), None),
        Finding(read("up"), frozenset(), ("api", "worker")),
        Finding(read("node_load", job="node-exporter"), frozenset(), None),
        Finding(read("bais_payments_total"), frozenset(), ("worker",)),
        Finding(read("coredns_dns_responses_total", job="coredns"), frozenset(), None),
    ]
    evidence = json.loads(render_evidence(findings))
    assert {name: metric["state"] for name, metric in evidence.items()} == {
        "bais_payments_total": "live",
        "coredns_dns_responses_total": "listed",
        "up": "live",
    }
    assert evidence["bais_payments_total"]["source"] == "rules/metrics.yaml"
    assert evidence["coredns_dns_responses_total"]["source"].endswith("plugin/metrics/vars/vars.go")


def test_a_job_keeps_its_relabelling_and_is_redirected_last() -> None:
    own = {"target_label": "job", "replacement": "x"}
    job = {"job_name": "serviceMonitor/monitoring/x/0", "relabel_configs": [own], "scrape_interval": "30s"}
    other = {"job_name": "serviceMonitor/monitoring/y/0"}
    configuration = {
        "global": {"scrape_interval": "30s"},
        "scrape_configs": [job, other],
        "alerting": {"alertmanagers": [{"relabel_configs": []}]},
        "storage": {"tsdb": {"retention": {"time": "1d"}}},
    }
    redirected = redirect_to_loopback(configuration, {"x/0": Place(1, "/x/metrics"), "alertmanager/0": Place(2)})
    (remaining,) = redirected["scrape_configs"]
    assert remaining["relabel_configs"][0] == own
    assert {"target_label": "__address__", "replacement": "127.0.0.1:1"} in remaining["relabel_configs"][1:]
    assert remaining["relabel_configs"][-1] == {"target_label": "__metrics_path__", "replacement": "/x/metrics"}
    assert "scrape_interval" not in remaining
    assert job["relabel_configs"] == [own]
