"""Existence proof of every metric, label and matcher of rules and boards.

The stack is deployed on an embedded control plane. Prometheus runs the configuration of the operator and scrapes real
processes on loopback instead of the simulated pods.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from catalogue.contract import PREFIXES, SERVICES
from catalogue.metric_evidence import EVIDENCE, load, summarize
from catalogue.metrics import BUILT_IN_METRICS
from catalogue.platform import EXPECTED_TARGETS
from local.tools.toolset import binary, module_version
from tests.rules.lint import lint, write_rules
from tools.boards.rendered_boards import CATALOGUE
from tools.checkout import Checkout
from tools.mocked_program import STACKS
from tools.proof.cluster import deploy
from tools.proof.databases import unavailable_databases
from tools.proof.lists import LIST_OF_JOB, missing_labels
from tools.proof.proof import (
    LISTED,
    Finding,
    provable_reads,
    query_findings,
    render_evidence,
    scraping,
)
from tools.proof.reads import all_reads, collect_reads, is_provable, recorded_series
from tools.proof.scraping import Stored
from tools.rule_manifests import manifests

LISTED_JOBS = {(metric, entry["job"]) for metric, entry in LISTED.items()}
DATABASES = ("postgres-exporter", "redis-exporter")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, charts: Path | None) -> Iterator[Checkout]:
    if not binary("kube-state-metrics").exists():
        pytest.fail("the exporters are not built; run `make test`, or `.venv/bin/python -m local tools --tests`")
    checkout = Checkout(tmp_path_factory.mktemp("project") / "checkout")
    try:
        deploy(checkout, charts)
        yield checkout
    finally:
        checkout.control_plane.stop()


@pytest.fixture(scope="module")
def stored(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    with scraping(checkout, tmp_path_factory.mktemp("proof")) as found:
        yield found


@pytest.fixture(scope="module")
def findings(stored: Stored) -> list[Finding]:
    return query_findings(stored, provable_reads())


def test_every_selector_matches_a_series_or_is_listed(findings: list[Finding]) -> None:
    assert len(findings) > 300
    assert [str(finding) for finding in findings if not finding.proven and not finding.listed] == []


@pytest.mark.usefixtures("findings")
def test_every_target_is_up(stored: Stored) -> None:
    targets = stored.targets()
    assert len(targets) > 15
    assert [(target["scrapeUrl"], target["lastError"]) for target in targets if target["health"] != "up"] == []


@pytest.mark.usefixtures("findings")
def test_only_bais_services_expose_metrics_with_their_prefixes(stored: Stored) -> None:
    names = "|".join(f"{prefix}.+" for prefix in PREFIXES)
    assert {labels["job"] for labels in stored.series(f'{{__name__=~"{names}"}}')} == set(SERVICES)


@pytest.mark.parametrize("exporter", DATABASES)
def test_all_selectors_of_a_database_exporter_are_proven(exporter: str, findings: list[Finding]) -> None:
    if exporter in unavailable_databases():
        pytest.skip(unavailable_databases()[exporter])
    of_exporter = [finding for finding in findings if finding.read.job == exporter]
    assert len(of_exporter) > 10
    assert all(finding.proven for finding in of_exporter)


def test_the_committed_evidence_is_up_to_date(findings: list[Finding]) -> None:
    if unavailable_databases():
        pytest.skip("; ".join(unavailable_databases().values()))
    assert EVIDENCE.read_text() == render_evidence(findings), "run `make proof`"


def test_an_unknown_metric_label_or_value_matches_nothing(stored: Stored, findings: list[Finding]) -> None:
    assert findings
    assert stored.series('node_load1{job="node-exporter"}')
    assert not stored.series('node_load_1{job="node-exporter"}')
    assert not stored.series('node_load1{job="node-exporters"}')
    assert all("zone" not in labels for labels in stored.series("node_load1"))


@pytest.mark.parametrize("job", LIST_OF_JOB)
def test_the_list_of_an_exporter_contains_everything_that_is_read(
    job: str, stored: Stored, findings: list[Finding]
) -> None:
    if job in unavailable_databases():
        pytest.skip(unavailable_databases()[job])
    read = {one.read.metric for one in findings if one.read.job == job or (one.jobs or ()) == (job,)}
    exposed = read - BUILT_IN_METRICS - recorded_series() - {EXPECTED_TARGETS}
    assert exposed or job == "blackbox-exporter"
    assert missing_labels(stored, job, exposed) == {}


@pytest.mark.usefixtures("findings")
def test_pint_reports_nothing_with_access_to_the_metrics(stored: Stored, tmp_path: Path) -> None:
    # Series of these alerts do not exist on this machine.
    absent = [
        read
        for read in all_reads()
        if (read.metric, read.job) in LISTED_JOBS
        or read.job in unavailable_databases()
        or not is_provable(read.selector)
    ]
    readers = {name for read in absent for name in read.readers} & set(CATALOGUE.alerts)
    more = (
        f'prometheus "proof" {{\n  uri = "{stored.address}"\n  required = true\n}}\n'
        f'rule {{\n  match {{\n    name = "{"|".join(sorted(readers))}"\n  }}\n'
        '  disable = ["promql/series"]\n}\n'
    )
    status, output = lint(write_rules(tmp_path, manifests("prod")), more=more)
    assert status == 0, output


@pytest.mark.parametrize("stack", STACKS)
def test_the_api_server_accepts_the_rules_of_a_stack(stack: str, checkout: Checkout) -> None:
    rules = yaml.safe_dump_all(manifests(stack))
    output = checkout.control_plane.kubectl("apply", "--dry-run=server", "--filename=-", text=rules)
    assert output.count("(server dry run)") == 10


@pytest.mark.parametrize("metric", LISTED)
def test_a_listed_metric_is_read_and_occurs_in_its_source(metric: str, charts: Path | None) -> None:
    entry = LISTED[metric]
    assert [read for read in collect_reads() if (read.metric, read.job) == (metric, entry["job"])]
    path, _, version = entry["module"].rpartition(" ")
    cache = Path(subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True, check=True).stdout.strip())
    file = (cache / f"{path}@{version}" if "/" in path else (charts or cache) / path) / entry["file"]
    if not file.is_file():
        pytest.skip(f"{entry['module']} is neither in the Go module cache of this machine nor in the given charts")
    assert entry["text"] in file.read_text()


def test_the_versions_of_listed_sources_are_those_of_the_tools() -> None:
    for module in ("k8s.io/kubernetes", "github.com/google/cadvisor"):
        assert {entry["module"] for entry in LISTED.values() if entry["module"].startswith(module)} == {
            f"{module} v{module_version('kubernetes', module)}"
        }


def test_the_evidence_covers_every_metric_that_is_read() -> None:
    metrics = load()
    assert set(metrics) == {read.metric for read in collect_reads()}
    counted = summarize(metrics)
    assert counted.total == counted.live + counted.listed
