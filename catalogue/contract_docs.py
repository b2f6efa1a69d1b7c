"""Generator of docs/reference/metrics-contract.md.

Usage: `python -m catalogue.contract_docs [--check]`.
"""

import sys
from collections.abc import Mapping
from typing import Final

from catalogue.codegen import write_or_check
from catalogue.contract import SCRAPE_LABELS, Metric, load
from common.project import DOCS

DOCUMENT: Final = DOCS / "reference" / "metrics-contract.md"

_HEAD: Final = f"""\
<!-- generated from rules/metrics.yaml by python -m catalogue.contract_docs -->
# Metrics contract

Metrics that each BAIS service must expose for the alerts and dashboards. Check a service before each release, on a
process that has handled some requests:

```sh
python -m catalogue.contract http://127.0.0.1:8000/metrics --service api
```

The check reports missing metrics, wrong types, wrong labels, missing buckets and too many series. Its exit status is 1
if it reports a problem.

- A counter whose labels all have listed values exposes every possible combination from the start, with the value 0.
- Scraping adds the labels {", ".join(f"`{name}`" for name in SCRAPE_LABELS)}. A process must not expose them.
- `series` is the maximum number of label sets of a metric per process.
- A process may expose additional metrics with prefixes other than `bais_` and `http_`.
"""


def render(contract: Mapping[str, Metric]) -> str:
    """Return the contract as Markdown: an overview table, then one section per metric."""
    lines = [_HEAD, "| metric | type | unit | owner | exposed by | series |", "|---|---|---|---|---|---|"]
    for metric in contract.values():
        link = f"[`{metric.name}`](#{metric.name})"
        cells = (link, metric.type, metric.unit, metric.owner, ", ".join(metric.services), str(metric.series))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, *(line for metric in contract.values() for line in _section(metric))]) + "\n"


def _section(metric: Metric) -> list[str]:
    lines = ["", f"## {metric.name}", "", metric.meaning]
    if metric.labels:
        lines += ["", "Labels:", ""]
    for label, values in metric.labels.items():
        lines.append(
            f"- `{label}`: {', '.join(f'`{value}`' for value in values) if isinstance(values, tuple) else values}"
        )
    if metric.buckets:
        lines += ["", f"Buckets, in {metric.unit}: {', '.join(f'{bound:g}' for bound in metric.buckets)}."]
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or only check it with --check; return the exit status."""
    return write_or_check("catalogue.contract_docs", __doc__, "docs/reference", {DOCUMENT: render(load())}, arguments)


if __name__ == "__main__":
    sys.exit(main())
