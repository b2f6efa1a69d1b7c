"""Write the metrics contract for the application teams: `python -m catalogue.contract_docs [--check]`."""

import sys
from collections.abc import Mapping

from catalogue.codegen import write_or_check
from catalogue.contract import SCRAPE_LABELS, Metric, load
from common.project import DOCS

DOCUMENT = DOCS / "metrics-contract.md"

_HEAD = f"""\
<!-- generated from rules/metrics.yaml by python -m catalogue.contract_docs -->
# Metrics contract

What the applications expose, so that alerts and dashboards can read it. Compare with it before each release, on a
process that has done some work:

```sh
python -m catalogue.contract http://127.0.0.1:8000/metrics --service api
```

The check names what is missing, of another type, labelled otherwise, without a bucket, or in too many series. Its exit
status is 1 if there is any such problem.

- Counters whose labels all have listed values expose each combination that can occur from the start, at 0.
- The scrape adds {", ".join(f"`{name}`" for name in SCRAPE_LABELS)}. No process exposes these itself.
- `series` is the most label sets of a metric in one process.
- A process may expose more metrics, under another prefix than `bais_` and `http_`.
"""


def render(contract: Mapping[str, Metric]) -> str:
    """Return the contract as a page of Markdown: an overview, then a section for each metric."""
    lines = [_HEAD, "| metric | type | unit | owner | exposed by | series |", "|---|---|---|---|---|---|"]
    for metric in contract.values():
        link = f"[`{metric.name}`](#{metric.name})"
        cells = (link, metric.type, metric.unit, metric.owner, ", ".join(metric.services), str(metric.series))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, *(line for metric in contract.values() for line in _section(metric))]) + "\n"


def _section(metric: Metric) -> list[str]:
    lines = ["", f"## {metric.name}", "", metric.meaning]
    if metric.labels:
        lines += ["", "| label | values |", "|---|---|"]
    for label, values in metric.labels.items():
        lines.append(
            f"| `{label}` | {', '.join(f'`{value}`' for value in values) if isinstance(values, tuple) else values} |"
        )
    if metric.buckets:
        lines += ["", f"Buckets, in {metric.unit}: {', '.join(f'{bound:g}' for bound in metric.buckets)}."]
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or with --check only say whether it is current; return the exit status."""
    return write_or_check("catalogue.contract_docs", __doc__, "docs", {DOCUMENT: render(load())}, arguments)


if __name__ == "__main__":
    sys.exit(main())
