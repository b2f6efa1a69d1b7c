"""Metrics contract as typed values, and its validation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from catalogue.model import is_number
from common.problems import Problem
from common.yaml_files import InvalidFileError, read_yaml

# BAIS services that expose metrics of the contract.
SERVICES: Final = ("api", "worker", "webhook-dispatcher")
TYPES: Final = ("counter", "gauge", "histogram")
# Labels that scraping and relabelling add to every series.
SCRAPE_LABELS: Final = ("namespace", "job", "service", "instance", "pod", "team", "environment", "cluster")
# Series that Prometheus itself creates for alerts and targets.
BUILT_IN_METRICS: Final = frozenset(
    {
        "ALERTS",
        "ALERTS_FOR_STATE",
        "scrape_body_size_bytes",
        "scrape_duration_seconds",
        "scrape_sample_limit",
        "scrape_samples_post_metric_relabeling",
        "up",
    }
)

_NAME: Final = re.compile(r"(bais|http)_[a-z0-9_]+")
_LABEL: Final = re.compile(r"[a-z][a-z0-9_]*")
_REQUIRED: Final = ("type", "unit", "owner", "services", "series", "meaning")
_OPTIONAL: Final = ("labels", "buckets")
# The number of series that one process may expose.
_MOST_SERIES: Final = 1_000_000


@dataclass(frozen=True)
class Metric:
    """A metric of the contract.

    Attributes:
        name: Name of the metric.
        type: One of TYPES.
        unit: Unit of its values.
        owner: Team that owns it.
        services: Services that expose it.
        labels: By name, the allowed values or a sentence that describes them.
        buckets: Upper bounds of a histogram in `unit`, without infinity.
        series: Maximum number of label sets per process.
        meaning: Description for the documentation.
    """

    name: str
    type: str
    unit: str
    owner: str
    services: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...] | str]
    buckets: tuple[float, ...]
    series: int
    meaning: str

    @property
    def sample_names(self) -> tuple[str, ...]:
        """Return the names of its series in Prometheus."""
        if self.type != "histogram":
            return (self.name,)
        return tuple(f"{self.name}_{suffix}" for suffix in ("bucket", "sum", "count"))


def read_contract(path: Path) -> tuple[dict[str, Metric], list[Problem]]:
    """Load a contract; return the valid metrics by name, and all problems."""
    try:
        content = read_yaml(path)
    except InvalidFileError as error:
        return {}, [Problem(path.name, error.found, error.allowed)]
    if not isinstance(content, dict):
        return {}, [Problem(path.name, repr(content)[:60], "a mapping from metric names to fields")]
    metrics: dict[str, Metric] = {}
    problems: list[Problem] = []
    for name, fields in content.items():
        found = _problems(str(name), fields)
        problems += (Problem(f"{path.name}: {problem.key}", problem.found, problem.allowed) for problem in found)
        if not found:
            metrics[name] = _metric(name, fields)
    return metrics, problems


def _metric(name: str, fields: dict[str, Any]) -> Metric:
    labels = {
        label: tuple(values) if isinstance(values, list) else values
        for label, values in fields.get("labels", {}).items()
    }
    return Metric(
        name=name,
        type=fields["type"],
        unit=fields["unit"],
        owner=fields["owner"],
        services=tuple(fields["services"]),
        labels=MappingProxyType(labels),
        buckets=tuple(float(bound) for bound in fields.get("buckets", ())),
        series=fields["series"],
        meaning=fields["meaning"],
    )


def _problems(name: str, fields: object) -> list[Problem]:
    if not isinstance(fields, dict):
        return [Problem(name, repr(fields), f"a mapping with {', '.join(_REQUIRED)}")]
    if missing := [field for field in _REQUIRED if field not in fields]:
        return [Problem(name, f"no {', '.join(missing)}", f"each of {', '.join(_REQUIRED)}")]
    problems = [
        Problem(f"{name}.{field}", "an unknown field", ", ".join((*_REQUIRED, *_OPTIONAL)))
        for field in fields
        if field not in (*_REQUIRED, *_OPTIONAL)
    ]
    problems += _name_problems(name, fields["type"])
    problems += [
        Problem(f"{name}.{field}", repr(fields[field]), "a non-empty string")
        for field in ("unit", "owner", "meaning")
        if not _is_text(fields[field])
    ]
    services = fields["services"]
    if not isinstance(services, list) or not services or not set(map(str, services)) <= set(SERVICES):
        problems.append(Problem(f"{name}.services", repr(services), f"a list of {', '.join(SERVICES)}"))
    series = fields["series"]
    if not is_number(series) or series != int(series) or not 1 <= series <= _MOST_SERIES:
        problems.append(Problem(f"{name}.series", repr(series), f"an integer from 1 to {_MOST_SERIES}"))
    return problems + _label_problems(name, fields.get("labels", {})) + _bucket_problems(name, fields)


def _name_problems(name: str, kind: object) -> list[Problem]:
    problems: list[Problem] = []
    if not _NAME.fullmatch(name):
        problems.append(Problem(name, "an invalid name", "a lower-case name that begins with bais_ or http_"))
    if kind not in TYPES:
        problems.append(Problem(f"{name}.type", repr(kind), ", ".join(TYPES)))
    elif (kind == "counter") != name.endswith("_total"):
        problems.append(Problem(name, f"an invalid name of a {kind}", "the suffix _total for counters only"))
    return problems


def _label_problems(name: str, labels: object) -> list[Problem]:
    if not isinstance(labels, dict):
        return [Problem(f"{name}.labels", repr(labels), "a mapping from label names to values")]
    problems: list[Problem] = []
    for label, values in labels.items():
        key = f"{name}.labels.{label}"
        if label in SCRAPE_LABELS or label in ("le", "quantile") or not _LABEL.fullmatch(str(label)):
            problems.append(
                Problem(
                    key,
                    "a reserved or invalid name",
                    f"a lower-case name other than {', '.join(SCRAPE_LABELS)}, le and quantile",
                )
            )
        is_list = isinstance(values, list) and values and all(map(_is_text, values)) and len(set(values)) == len(values)
        if not is_list and not _is_text(values):
            problems.append(
                Problem(key, repr(values), "a list of distinct strings, or a sentence that describes the values")
            )
    return problems


def _bucket_problems(name: str, fields: dict[str, Any]) -> list[Problem]:
    key, buckets = f"{name}.buckets", fields.get("buckets")
    if fields["type"] != "histogram":
        return (
            [Problem(key, repr(buckets), "no buckets, because only histograms have them")]
            if buckets is not None
            else []
        )
    if (
        not isinstance(buckets, list)
        or not buckets
        or not all(map(is_number, buckets))
        or buckets != sorted(set(buckets))
    ):
        return [Problem(key, repr(buckets), "a list of increasing numbers")]
    # The latency objective and alerts use these bounds; a quantile interpolated between distant bounds is inaccurate.
    missing = [bound for bound in (0.2, 0.5) if bound not in buckets]
    return (
        [Problem(key, f"no bound at {' and '.join(map(str, missing))}", "bounds that include 0.2 and 0.5")]
        if missing
        else []
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
