"""Comparison of a /metrics page with the metrics contract.

Usage: `python -m catalogue.contract URL_OR_FILE`.

Without --service, the service with the most metrics on the page is assumed. Exit status: 0 if the page fulfils the
contract, 1 if it does not, 2 if the page cannot be read.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from prometheus_client import Metric as Family
from prometheus_client.parser import text_string_to_metric_families

from catalogue.metrics import SCRAPE_LABELS, SERVICES, Metric, read_contract
from common.problems import CatalogueError, Problem
from common.project import RULES

__all__ = ["SCRAPE_LABELS", "SERVICES", "Metric", "compare", "load", "main"]

CONTRACT: Final = RULES / "metrics.yaml"
PREFIXES: Final = ("bais_", "http_")
TIMEOUT_SECONDS: Final = 10

# Labels that belong to the exposition format, not to the metric.
_RESERVED: Final = ("le", "quantile")


def load(path: Path = CONTRACT) -> dict[str, Metric]:
    """Load the contract; return its metrics by name.

    Raises:
        CatalogueError: with every problem in the file.
    """
    metrics, problems = read_contract(path)
    if problems:
        raise CatalogueError(problems)
    return metrics


def compare(contract: Mapping[str, Metric], page: str, service: str | None = None) -> list[Problem]:
    """Return the differences between a `/metrics` page and the contract of a service.

    Without a service, the most likely one is assumed.

    Raises:
        ValueError: if the page is not in the Prometheus text format.
    """
    families = _families(page)
    service = service or likely_service(contract, families)
    # Client libraries add these to counters and histograms.
    creation_times = {f"{name.removesuffix('_total')}_created" for name in contract}
    problems = [
        Problem(name, "missing", f"a {metric.type} that {service} exposes")
        for name, metric in contract.items()
        if service in metric.services and name not in families
    ]
    for name, family in families.items():
        if metric := contract.get(name):
            problems += _family_problems(metric, family)
        elif name.startswith(PREFIXES) and name not in creation_times:
            problems.append(
                Problem(name, "not in the contract", "a metric of rules/metrics.yaml, or a name with another prefix")
            )
    return problems


def likely_service(contract: Mapping[str, Metric], names: Iterable[str]) -> str:
    """Return the service that exposes most of these metrics.

    The first service on a tie.
    """
    exposed = [contract[name] for name in names if name in contract]
    return max(SERVICES, key=lambda service: sum(service in metric.services for metric in exposed))


def _families(page: str) -> dict[str, Family]:
    """Return the metric families of a page by name.

    Counters with their `_total`, which the parser removes.
    """
    families: dict[str, Family] = {}
    for family in text_string_to_metric_families(page):
        families[f"{family.name}_total" if family.type == "counter" else family.name] = family
    return families


def _family_problems(metric: Metric, family: Family) -> list[Problem]:
    if family.type != metric.type:
        return [Problem(metric.name, f"type {family.type}", f"type {metric.type}")]
    expected, problems = set(metric.labels), []
    label_sets = [
        {name: value for name, value in sample.labels.items() if name not in _RESERVED}
        for sample in family.samples
        if sample.name in metric.sample_names
    ]
    found = {name for labels in label_sets for name in labels}
    if not family.samples:
        problems.append(
            Problem(metric.name, "no sample", "at least one sample, with the value 0 before the first event")
        )
    if extra := found - expected:
        problems.append(Problem(metric.name, f"extra labels {_join(extra)}", f"labels {_join(expected) or 'none'}"))
    if missing := {name for name in expected for labels in label_sets if name not in labels}:
        problems.append(Problem(metric.name, f"samples without labels {_join(missing)}", f"labels {_join(expected)}"))
    for name, allowed in metric.labels.items():
        values = {labels[name] for labels in label_sets if name in labels}
        if isinstance(allowed, tuple) and (unknown := values - set(allowed)):
            problems.append(Problem(f"{metric.name}.{name}", _join(unknown), ", ".join(allowed)))
    if (series := len({frozenset(labels.items()) for labels in label_sets})) > metric.series:
        problems.append(Problem(metric.name, f"{series} series", f"at most {metric.series}"))
    return problems + _bucket_problems(metric, family)


def _bucket_problems(metric: Metric, family: Family) -> list[Problem]:
    """Return a problem if a label set of a histogram lacks a bucket of the contract.

    Extra buckets are allowed.
    """
    bounds: dict[frozenset[tuple[str, str]], set[float]] = {}
    for sample in family.samples:
        if "le" in sample.labels:
            labels = frozenset(item for item in sample.labels.items() if item[0] != "le")
            bounds.setdefault(labels, set()).add(float(sample.labels["le"]))
    missing = {bound for each in bounds.values() for bound in set(metric.buckets) - each}
    if not missing:
        return []
    return [Problem(metric.name, f"no bucket at {_numbers(missing)}", f"buckets at {_numbers(metric.buckets)}")]


def _join(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _numbers(bounds: Iterable[float]) -> str:
    return ", ".join(f"{bound:g}" for bound in sorted(bounds))


def _fetch_page(source: str) -> str:
    """Return the text of a page from an HTTP address or a file.

    Raise OSError if it cannot be read.
    """
    if source.startswith(("http://", "https://")):
        with urlopen(source, timeout=TIMEOUT_SECONDS) as response:
            return str(response.read().decode("utf-8"))
    return Path(source).read_text(encoding="utf-8")


def _print_problems(problems: Iterable[Problem]) -> None:
    rows = [(problem.key, problem.found, problem.allowed) for problem in problems]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for key, found, allowed in rows:
        print(f"{key:<{widths[0]}}  {found:<{widths[1]}}  allowed: {allowed}")


def main(arguments: list[str] | None = None) -> int:
    """Compare a page with the contract, print the problems and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m catalogue.contract", description=__doc__)
    parser.add_argument("source", metavar="URL_OR_FILE", help="a /metrics page")
    parser.add_argument("--service", choices=SERVICES, help="service that exposes the page")
    options = parser.parse_args(arguments)
    contract = load()
    try:
        page = _fetch_page(options.source)
        service = options.service or likely_service(contract, _families(page))
        problems = compare(contract, page, service)
    except (URLError, OSError, ValueError) as error:
        print(f"{options.source}: {error}", file=sys.stderr)
        return 2
    if problems:
        _print_problems(problems)
    count = sum(service in metric.services for metric in contract.values())
    print(f"{service}: {count} metrics in the contract, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
