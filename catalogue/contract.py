"""Compare what an application exposes with the metrics contract: `python -m catalogue.contract URL_OR_FILE`.

Without --service the page is taken for one of the service most of whose metrics it has. Ends with 0 if all is as
promised, 1 if something is not, and 2 if there is nothing to compare.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from prometheus_client import Metric as Family
from prometheus_client.parser import text_string_to_metric_families

from catalogue.metrics import SCRAPE_LABELS, SERVICES, Metric, read_contract
from common.problems import CatalogueError, Problem
from common.project import RULES

__all__ = ["SCRAPE_LABELS", "SERVICES", "Metric", "compare", "load", "main"]

CONTRACT = RULES / "metrics.yaml"
PREFIXES = ("bais_", "http_")
TIMEOUT_SECONDS = 10

_RESERVED = ("le", "quantile")


def load(path: Path = CONTRACT) -> dict[str, Metric]:
    """Read the contract, by the metrics' names.

    Raises:
        CatalogueError: with every problem in the file.
    """
    metrics, problems = read_contract(path)
    if problems:
        raise CatalogueError(problems)
    return metrics


def compare(contract: Mapping[str, Metric], page: str, service: str | None = None) -> list[Problem]:
    """Return where a `/metrics` page breaks the contract for a service (None: the one it looks like most).

    Raises:
        ValueError: if the page is not in the text format of Prometheus.
    """
    families = _families(page)
    service = service or likely_service(contract, families)
    # Client libraries add these to counters and histograms by themselves.
    creation_times = {f"{name.removesuffix('_total')}_created" for name in contract}
    problems = [
        Problem(name, "missing", f"a {metric.type}, exposed by {service}")
        for name, metric in contract.items()
        if service in metric.services and name not in families
    ]
    for name, family in families.items():
        if metric := contract.get(name):
            problems += _family_problems(metric, family)
        elif name.startswith(PREFIXES) and name not in creation_times:
            problems.append(Problem(name, "not in the contract", "a metric of rules/metrics.yaml, or another prefix"))
    return problems


def likely_service(contract: Mapping[str, Metric], names: Iterable[str]) -> str:
    """Return the service that owns most of the named metrics, the first if there is no difference."""
    shown = [contract[name] for name in names if name in contract]
    return max(SERVICES, key=lambda service: sum(service in metric.services for metric in shown))


def _families(page: str) -> dict[str, Family]:
    """Return what a page exposes; the parser cuts `_total` off a counter's name, which the contract spells out."""
    families: dict[str, Family] = {}
    for family in text_string_to_metric_families(page):
        families[f"{family.name}_total" if family.type == "counter" else family.name] = family
    return families


def _family_problems(metric: Metric, family: Family) -> list[Problem]:
    if family.type != metric.type:
        return [Problem(metric.name, f"type {family.type}", f"type {metric.type}")]
    wanted, problems = set(metric.labels), []
    sets = [
        {name: value for name, value in sample.labels.items() if name not in _RESERVED}
        for sample in family.samples
        if sample.name in metric.sample_names
    ]
    found = {name for labels in sets for name in labels}
    if not family.samples:
        problems.append(Problem(metric.name, "no sample", "at least one, 0 before anything has happened"))
    if extra := found - wanted:
        problems.append(Problem(metric.name, f"extra labels {_join(extra)}", f"labels {_join(wanted) or 'none'}"))
    if sets and (missing := {name for name in wanted for labels in sets if name not in labels}):
        problems.append(Problem(metric.name, f"samples without labels {_join(missing)}", f"labels {_join(wanted)}"))
    for name, allowed in metric.labels.items():
        values = {labels[name] for labels in sets if name in labels}
        if isinstance(allowed, tuple) and (unknown := values - set(allowed)):
            problems.append(Problem(f"{metric.name}.{name}", _join(unknown), ", ".join(allowed)))
    if (series := len({frozenset(labels.items()) for labels in sets})) > metric.series:
        problems.append(Problem(metric.name, f"{series} series", f"at most {metric.series}"))
    return problems + _bucket_problems(metric, family)


def _bucket_problems(metric: Metric, family: Family) -> list[Problem]:
    """Return which bounds are missing of any of the histogram's label sets; more bounds than promised do no harm."""
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
    """Read a page from an HTTP address or a file; OSError if it cannot be had."""
    if source.startswith(("http://", "https://")):
        with urlopen(source, timeout=TIMEOUT_SECONDS) as answer:
            return str(answer.read().decode("utf-8"))
    return Path(source).read_text(encoding="utf-8")


def _print_problems(problems: Iterable[Problem]) -> None:
    rows = [(problem.key, problem.found, problem.allowed) for problem in problems]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for key, found, allowed in rows:
        print(f"{key:<{widths[0]}}  {found:<{widths[1]}}  allowed: {allowed}")


def main(arguments: list[str] | None = None) -> int:
    """Compare the page that the arguments name, print each problem as a line, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m catalogue.contract", description=__doc__)
    parser.add_argument("source", metavar="URL_OR_FILE", help="a /metrics page")
    parser.add_argument("--service", choices=SERVICES, help="whose page it is")
    asked = parser.parse_args(arguments)
    contract = load()
    try:
        page = _fetch_page(asked.source)
        service = asked.service or likely_service(contract, _families(page))
        problems = compare(contract, page, service)
    except (URLError, OSError, ValueError) as error:
        print(f"{asked.source}: {error}", file=sys.stderr)
        return 2
    if problems:
        _print_problems(problems)
    promised = sum(service in metric.services for metric in contract.values())
    print(f"{service}: {promised} metrics promised, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
