"""Read the metrics contract into typed values and collect every problem on the way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

from catalogue.model import is_number
from common.problems import Problem

SERVICES: Final = ("api", "worker", "webhook-dispatcher")
TYPES: Final = ("counter", "gauge", "histogram")
SCRAPE_LABELS: Final = ("namespace", "job", "service", "instance", "pod", "team", "environment", "cluster")

_NAME = re.compile(r"(bais|http)_[a-z0-9_]+")
_LABEL = re.compile(r"[a-z][a-z0-9_]*")
_REQUIRED = ("type", "unit", "owner", "services", "series", "meaning")
_OPTIONAL = ("labels", "buckets")


@dataclass(frozen=True)
class Metric:
    """One promised metric.

    A label has the values it may take, or a sentence on its meaning. `buckets` are a histogram's upper bounds without
    infinity, in `unit`. `series` is the most label sets that one process may expose.
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
        """Return the names under which Prometheus stores it."""
        if self.type != "histogram":
            return (self.name,)
        return tuple(f"{self.name}_{suffix}" for suffix in ("bucket", "sum", "count"))


def read_contract(path: Path) -> tuple[dict[str, Metric], list[Problem]]:
    """Return the metrics of a contract by name, and its problems; a metric with problems is left out."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except yaml.YAMLError as error:
        return {}, [Problem(path.name, " ".join(str(error).split()), "YAML")]
    if not isinstance(content, dict):
        return {}, [Problem(path.name, repr(content)[:60], "a mapping of metrics by name")]
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
        Problem(f"{name}.{field}", repr(fields[field]), "a text that is not empty")
        for field in ("unit", "owner", "meaning")
        if not _is_text(fields[field])
    ]
    services = fields["services"]
    if not isinstance(services, list) or not services or not set(map(str, services)) <= set(SERVICES):
        problems.append(Problem(f"{name}.services", repr(services), f"a list of {', '.join(SERVICES)}"))
    if not is_number(fields["series"]) or fields["series"] != int(fields["series"]) or fields["series"] < 1:
        problems.append(Problem(f"{name}.series", repr(fields["series"]), "a whole number, 1 or more"))
    return problems + _label_problems(name, fields.get("labels", {})) + _bucket_problems(name, fields)


def _name_problems(name: str, kind: object) -> list[Problem]:
    problems: list[Problem] = []
    if not _NAME.fullmatch(name):
        problems.append(Problem(name, "this name", "a name that begins with bais_ or http_, in small letters"))
    if kind not in TYPES:
        problems.append(Problem(f"{name}.type", repr(kind), ", ".join(TYPES)))
    elif (kind == "counter") != name.endswith("_total"):
        problems.append(
            Problem(name, f"this name of a {kind}", "a name that ends in _total for a counter, and only for one")
        )
    return problems


def _label_problems(name: str, labels: object) -> list[Problem]:
    if not isinstance(labels, dict):
        return [Problem(f"{name}.labels", repr(labels), "a mapping of labels by name")]
    problems: list[Problem] = []
    for label, values in labels.items():
        key = f"{name}.labels.{label}"
        if label in SCRAPE_LABELS or label in ("le", "quantile") or not _LABEL.fullmatch(str(label)):
            problems.append(Problem(key, "this name", f"a name other than {', '.join(SCRAPE_LABELS)}, le and quantile"))
        is_list = isinstance(values, list) and values and all(map(_is_text, values)) and len(set(values)) == len(values)
        if not is_list and not _is_text(values):
            problems.append(Problem(key, repr(values), "a list of different texts, or a sentence on what stands in it"))
    return problems


def _bucket_problems(name: str, fields: dict[str, Any]) -> list[Problem]:
    key, buckets = f"{name}.buckets", fields.get("buckets")
    if fields["type"] != "histogram":
        return [Problem(key, repr(buckets), "buckets of a histogram only")] if buckets is not None else []
    if (
        not isinstance(buckets, list)
        or not buckets
        or not all(map(is_number, buckets))
        or buckets != sorted(set(buckets))
    ):
        return [Problem(key, repr(buckets), "a list of rising numbers")]
    # Objectives and alerts on response times are stated at these two; a quantile between far bounds is a guess.
    missing = [bound for bound in (0.2, 0.5) if bound not in buckets]
    return (
        [Problem(key, f"no bound at {' and '.join(map(str, missing))}", "bounds at 0.2 and 0.5 too")] if missing else []
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
