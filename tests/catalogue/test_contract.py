"""Metrics contract: validation, comparison, and use by rules and runbooks."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import promql_parser
import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from catalogue import contract_docs
from catalogue.contract import SCRAPE_LABELS, Metric, compare, likely_service, load, main
from catalogue.loader import load as load_catalogue
from catalogue.runbooks import END
from common.problems import CatalogueError
from common.project import RUNBOOKS

CONTRACT: Final = load()
# Per area, the expressions that read metrics of the services.
EXPRESSIONS: Final = {
    area.name: expressions
    for area in load_catalogue().areas
    if (
        expressions := [
            (rule.name, rule.expression)
            for group in area.groups
            for rule in group.rules
            if any(f"{prefix}_" in rule.expression for prefix in ("bais", "http"))
        ]
    )
}
# The runbook queries that read metrics of the services, with the name of their runbook.
QUERIES: Final = [
    (path.stem, query)
    for path in sorted(RUNBOOKS.glob("*.md"))
    for block in re.findall(r"```promql\n(.*?)```", path.read_text(encoding="utf-8").partition(END)[2], re.DOTALL)
    for query in block.splitlines()
    if re.search(r"\b(bais|http)_", query)
]
SAMPLES: Final = {name: metric for metric in CONTRACT.values() for name in metric.sample_names}

METRIC: Final = """\
bais_jobs_total:
  type: counter
  unit: jobs
  owner: api
  services: [worker]
  labels: {result: [success, failure], queue: The name of the queue.}
  series: 4
  meaning: Jobs that ended.
bais_job_duration_seconds:
  type: histogram
  unit: seconds
  owner: api
  services: [worker]
  buckets: [0.2, 0.5]
  series: 1
  meaning: Time that a job takes.
"""

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a small contract with a replacement."""

    def write_contract(old: str, new: str) -> Path:
        assert old in METRIC
        path = tmp_path / "metrics.yaml"
        path.write_text(METRIC.replace(old, new), encoding="utf-8")
        return path

    return write_contract


class TestLoading:
    def test_a_metric_has_its_fields(self, write: Write) -> None:
        metric = load(write("", ""))["bais_jobs_total"]
        assert metric.labels == {"result": ("success", "failure"), "queue": "The name of the queue."}
        assert (metric.type, metric.series, metric.services) == ("counter", 4, ("worker",))

    def test_a_histogram_has_three_series_names(self, write: Write) -> None:
        names = load(write("", ""))["bais_job_duration_seconds"].sample_names
        assert names == tuple(f"bais_job_duration_seconds_{suffix}" for suffix in ("bucket", "sum", "count"))

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("bais_jobs_total:", "jobs_total:", "jobs_total: found an invalid name; allowed: a lower-case name"),
            (
                "bais_jobs_total:",
                "bais_jobs:",
                "bais_jobs: found an invalid name of a counter; allowed: the suffix _total",
            ),
            ("type: counter", "type: rate", "bais_jobs_total.type: found 'rate'; allowed: counter, gauge, histogram"),
            ("  unit: jobs\n", "", "bais_jobs_total: found no unit; allowed: each of type, unit"),
            ("owner: api", "owner: ''", "bais_jobs_total.owner: found ''; allowed: a non-empty string"),
            ("[worker]", "[cron]", "bais_jobs_total.services: found ['cron']; allowed: a list of api, worker"),
            ("series: 4", "series: 0.5", "bais_jobs_total.series: found 0.5; allowed: an integer from 1 to 1000000"),
            ("series: 4", "series: 4\n  sort: x", "bais_jobs_total.sort: found an unknown field; allowed: type, unit"),
            ("queue:", "pod:", "bais_jobs_total.labels.pod: found a reserved or invalid name; allowed: a lower-case"),
            ("[success, failure]", "[a, a]", "bais_jobs_total.labels.result: found ['a', 'a']; allowed: a list of"),
            ("series: 4", "series: 4\n  buckets: [1]", "bais_jobs_total.buckets: found [1]; allowed: no buckets"),
            ("[0.2, 0.5]", "[0.5, 0.2]", "seconds.buckets: found [0.5, 0.2]; allowed: a list of increasing numbers"),
            ("[0.2, 0.5]", "[0.5]", "seconds.buckets: found no bound at 0.2; allowed: bounds that include 0.2"),
        ],
    )
    def test_a_broken_contract_is_rejected(self, write: Write, old: str, new: str, expected: str) -> None:
        with pytest.raises(CatalogueError) as error:
            load(write(old, new))
        assert expected in str(error.value)

    @pytest.mark.parametrize(
        ("text", "expected"), [("- a\n", "a mapping from metric names"), ("a: [\n", "allowed: valid YAML")]
    )
    def test_a_file_of_another_format_is_rejected(self, tmp_path: Path, text: str, expected: str) -> None:
        path = tmp_path / "metrics.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CatalogueError, match=expected):
            load(path)


def expose(metric: Metric, registry: CollectorRegistry) -> None:
    """Expose a metric as in the contract, with one sample."""
    values = [allowed[0] if isinstance(allowed, tuple) else "any" for allowed in metric.labels.values()]
    if metric.type == "histogram":
        histogram = Histogram(metric.name, "Help.", list(metric.labels), buckets=metric.buckets, registry=registry)
        (histogram.labels(*values) if values else histogram).observe(1)
        return
    kind = Counter if metric.type == "counter" else Gauge
    family = kind(metric.name, "Help.", list(metric.labels), registry=registry)
    (family.labels(*values) if values else family).inc()


def page_of(service: str) -> str:
    """Return a page of the Python client that fulfils the contract of a service."""
    registry = CollectorRegistry()
    for metric in CONTRACT.values():
        if service in metric.services:
            expose(metric, registry)
    return generate_latest(registry).decode("utf-8")


PAGE: Final = page_of("webhook-dispatcher")
POOL: Final = 'bais_db_pool_connections{state="in_use"} 1.0\n'


def without(name: str) -> str:
    """Return the page without one metric."""
    return "".join(line for line in PAGE.splitlines(keepends=True) if name not in line)


class TestComparison:
    @pytest.mark.parametrize("service", ["api", "worker", "webhook-dispatcher"])
    def test_a_page_that_fulfils_the_contract_has_no_problems(self, service: str) -> None:
        assert compare(CONTRACT, page_of(service), service) == []

    @pytest.mark.parametrize("service", ["api", "worker", "webhook-dispatcher"])
    def test_the_service_is_recognised_by_its_metrics(self, service: str) -> None:
        names = [name for name, metric in CONTRACT.items() if service in metric.services]
        assert likely_service(CONTRACT, names) == service

    @pytest.mark.parametrize(
        ("page", "expected"),
        [
            (without("bais_webhook_oldest_pending_seconds"), "bais_webhook_oldest_pending_seconds: found missing"),
            (
                PAGE.replace("bais_webhook_deliveries_total counter", "bais_webhook_deliveries_total gauge"),
                "bais_webhook_deliveries_total: found type gauge; allowed: type counter",
            ),
            (
                PAGE.replace('total{result="delivered"}', 'total{result="delivered",customer="7"}'),
                "bais_webhook_deliveries_total: found extra labels customer; allowed: labels result",
            ),
            (
                PAGE.replace('total{result="delivered"}', "total"),
                "bais_webhook_deliveries_total: found samples without labels result",
            ),
            (
                PAGE.replace('"delivered"', '"ok"'),
                "bais_webhook_deliveries_total.result: found ok; allowed: delivered, failed, abandoned",
            ),
            (
                PAGE.replace(POOL, "".join(POOL.replace("in_use", state) for state in ("in_use", "idle", "a", "b"))),
                "bais_db_pool_connections: found 4 series; allowed: at most 3",
            ),
            (PAGE + "# TYPE bais_beta gauge\nbais_beta 1\n", "bais_beta: found not in the contract"),
            (
                without("bais_db_pool_connections_max") + "# TYPE bais_db_pool_connections_max gauge\n",
                "bais_db_pool_connections_max: found no sample",
            ),
        ],
    )
    def test_a_difference_from_the_contract_is_reported(self, page: str, expected: str) -> None:
        assert any(expected in str(problem) for problem in compare(CONTRACT, page, "webhook-dispatcher"))

    def test_a_missing_bucket_is_reported(self) -> None:
        lines = page_of("worker").splitlines(keepends=True)
        page = "".join(line for line in lines if 'le="0.2"' not in line)
        (problem,) = compare(CONTRACT, page, "worker")
        assert str(problem).startswith(
            "bais_payment_duration_seconds: found no bucket at 0.2; allowed: buckets at 0.1,"
        )

    def test_metrics_with_other_prefixes_are_ignored(self) -> None:
        assert compare(CONTRACT, PAGE + "# TYPE process_beta gauge\nprocess_beta 1\n") == []


class TestCommand:
    def test_a_correct_page_gives_one_line_and_status_0(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        page = tmp_path / "page"
        page.write_text(PAGE, encoding="utf-8")
        assert main([str(page)]) == 0
        assert capsys.readouterr().out == "webhook-dispatcher: 4 metrics in the contract, 0 problems\n"

    def test_each_problem_is_an_aligned_line(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        page = tmp_path / "page"
        page.write_text(without("bais_webhook_oldest").replace('"delivered"', '"ok"'), encoding="utf-8")
        assert main([str(page), "--service", "webhook-dispatcher"]) == 1
        first, second, last = capsys.readouterr().out.splitlines()
        assert first.index("allowed:") == second.index("allowed:")
        assert last == "webhook-dispatcher: 4 metrics in the contract, 2 problems"

    @pytest.mark.parametrize("content", [None, "not a page {"])
    def test_a_missing_or_invalid_page_gives_status_2(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None
    ) -> None:
        page = tmp_path / "page"
        if content:
            page.write_text(content, encoding="utf-8")
        assert main([str(page)]) == 2
        assert str(page) in capsys.readouterr().err


class TestDocument:
    def test_the_document_is_up_to_date(self) -> None:
        assert contract_docs.DOCUMENT.read_text(encoding="utf-8") == contract_docs.render(CONTRACT), (
            "run: make generate"
        )

    def test_the_command_writes_the_file_or_only_checks_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(contract_docs, "DOCUMENT", tmp_path / "contract.md")
        assert contract_docs.main(["--check"]) == 1
        assert capsys.readouterr().out == "docs/reference/contract.md is out of date; run: make generate\n"
        assert contract_docs.main([]) == 0
        assert contract_docs.main(["--check"]) == 0


def selectors(expression: str) -> list[tuple[promql_parser.VectorSelector, set[str]]]:
    """Return the selectors of an expression with the labels they are grouped by."""
    found: list[tuple[promql_parser.VectorSelector, set[str]]] = []

    def visit(node: object, around: set[str]) -> None:
        modifier = getattr(node, "modifier", None)
        around = around | set(getattr(modifier, "labels", None) or getattr(modifier, "group_labels", None) or [])
        if isinstance(node, promql_parser.MatrixSelector):
            node = node.vector_selector
        if isinstance(node, promql_parser.VectorSelector):
            found.append((node, around))
        for child in children(node):
            visit(child, around)

    visit(promql_parser.parse(expression), set())
    return found


def children(node: object) -> Iterator[object]:
    """Yield the direct subexpressions."""
    for name in ("expr", "lhs", "rhs"):
        if (child := getattr(node, name, None)) is not None:
            yield child
    yield from getattr(node, "args", None) or []


@pytest.mark.parametrize("area", EXPRESSIONS)
def test_a_rule_reads_only_metrics_labels_and_values_of_the_contract(area: str) -> None:
    problems = [f"{name}: {each}" for name, text in EXPRESSIONS[area] for each in contract_violations(text)]
    assert problems == [], "correct the rule, or add it to rules/metrics.yaml"


def test_a_query_of_a_runbook_reads_only_metrics_labels_and_values_of_the_contract() -> None:
    assert len(QUERIES) > 50
    problems = [f"{name}: {each}" for name, query in QUERIES for each in contract_violations(query)]
    assert problems == [], "correct the runbook, or add it to rules/metrics.yaml"


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("bais_payment_total", "bais_payment_total is not in the contract"),
        ("sum by (customer) (bais_payments_total)", "bais_payments_total has no label customer"),
        ('bais_payments_total{state="failure"}', "bais_payments_total has no label state"),
        ('bais_payments_total{status=~"failure|refused"}', "bais_payments_total.status has no value refused"),
        ("http_requests_in_flight_bucket", "http_requests_in_flight_bucket is not in the contract"),
    ],
)
def test_a_violation_of_the_contract_is_reported(expression: str, problem: str) -> None:
    assert list(contract_violations(expression)) == [problem]


def contract_violations(expression: str) -> Iterator[str]:
    """Yield everything in an expression that is not in the contract."""
    for selector, grouping in selectors(expression):
        if not (selector.name or "").startswith(("bais_", "http_")):
            continue
        if selector.name not in SAMPLES:
            yield f"{selector.name} is not in the contract"
            continue
        labels = SAMPLES[selector.name].labels
        known = {*labels, *SCRAPE_LABELS, *({"le"} if selector.name.endswith("_bucket") else set())}
        matchers = selector.matchers.matchers
        read = grouping.union(matcher.name for matcher in matchers)
        yield from (f"{selector.name} has no label {label}" for label in sorted(read - known))
        for matcher in matchers:
            allowed = labels.get(matcher.name)
            if isinstance(allowed, tuple) and (unknown := set(matcher.value.split("|")) - set(allowed)):
                yield f"{selector.name}.{matcher.name} has no value {', '.join(sorted(unknown))}"


def test_every_metric_and_label_of_an_expression_is_found() -> None:
    expression = 'sum by (a) (rate(http_x{b="1"}[5m] offset 1w)) / on (c) group_left (d) max(http_y) > 1'
    found = {selector.name: labels for selector, labels in selectors(expression)}
    assert set(found) == {"http_x", "http_y"}
    assert found["http_x"] >= {"a", "d"}
