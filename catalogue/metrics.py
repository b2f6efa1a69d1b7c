"""Read the metrics contract into typed values and collect every fault on the way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

from catalogue.model import is_number
from common.problems import Fault

COMPONENTS: Final = ("api", "worker", "webhook-dispatcher")
TYPES: Final = ("counter", "gauge", "histogram")
SCRAPE_LABELS: Final = ("namespace", "job", "service", "instance", "pod", "team", "environment", "cluster")

_NAME = re.compile(r"(bais|http)_[a-z0-9_]+")
_LABEL = re.compile(r"[a-z][a-z0-9_]*")
_REQUIRED = ("type", "unit", "owner", "components", "series", "meaning")
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
    components: tuple[str, ...]
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


def read(path: Path) -> tuple[dict[str, Metric], list[Fault]]:
    """Return the metrics of a contract by name, and its faults; a metric with faults is left out."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except yaml.YAMLError as error:
        return {}, [Fault(path.name, " ".join(str(error).split()), "YAML")]
    if not isinstance(content, dict):
        return {}, [Fault(path.name, repr(content)[:60], "a mapping of metrics by name")]
    metrics: dict[str, Metric] = {}
    faults: list[Fault] = []
    for name, fields in content.items():
        found = _faults(str(name), fields)
        faults += (Fault(f"{path.name}: {fault.key}", fault.found, fault.allowed) for fault in found)
        if not found:
            metrics[name] = _metric(name, fields)
    return metrics, faults


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
        components=tuple(fields["components"]),
        labels=MappingProxyType(labels),
        buckets=tuple(float(bound) for bound in fields.get("buckets", ())),
        series=fields["series"],
        meaning=fields["meaning"],
    )


def _faults(name: str, fields: object) -> list[Fault]:
    if not isinstance(fields, dict):
        return [Fault(name, repr(fields), f"a mapping with {', '.join(_REQUIRED)}")]
    if missing := [field for field in _REQUIRED if field not in fields]:
        return [Fault(name, f"no {', '.join(missing)}", f"each of {', '.join(_REQUIRED)}")]
    faults = [
        Fault(f"{name}.{field}", "an unknown field", ", ".join((*_REQUIRED, *_OPTIONAL)))
        for field in fields
        if field not in (*_REQUIRED, *_OPTIONAL)
    ]
    faults += _name_faults(name, fields["type"])
    faults += [
        Fault(f"{name}.{field}", repr(fields[field]), "a text that is not empty")
        for field in ("unit", "owner", "meaning")
        if not _is_text(fields[field])
    ]
    components = fields["components"]
    if not isinstance(components, list) or not components or not set(map(str, components)) <= set(COMPONENTS):
        faults.append(Fault(f"{name}.components", repr(components), f"a list of {', '.join(COMPONENTS)}"))
    if not is_number(fields["series"]) or fields["series"] != int(fields["series"]) or fields["series"] < 1:
        faults.append(Fault(f"{name}.series", repr(fields["series"]), "a whole number, 1 or more"))
    return faults + _label_faults(name, fields.get("labels", {})) + _bucket_faults(name, fields)


def _name_faults(name: str, kind: object) -> list[Fault]:
    faults: list[Fault] = []
    if not _NAME.fullmatch(name):
        faults.append(Fault(name, "this name", "a name that begins with bais_ or http_, in small letters"))
    if kind not in TYPES:
        faults.append(Fault(f"{name}.type", repr(kind), ", ".join(TYPES)))
    elif (kind == "counter") != name.endswith("_total"):
        faults.append(
            Fault(name, f"this name of a {kind}", "a name that ends in _total for a counter, and only for one")
        )
    return faults


def _label_faults(name: str, labels: object) -> list[Fault]:
    if not isinstance(labels, dict):
        return [Fault(f"{name}.labels", repr(labels), "a mapping of labels by name")]
    faults: list[Fault] = []
    for label, values in labels.items():
        key = f"{name}.labels.{label}"
        if label in SCRAPE_LABELS or label in ("le", "quantile") or not _LABEL.fullmatch(str(label)):
            faults.append(Fault(key, "this name", f"a name other than {', '.join(SCRAPE_LABELS)}, le and quantile"))
        is_list = isinstance(values, list) and values and all(map(_is_text, values)) and len(set(values)) == len(values)
        if not is_list and not _is_text(values):
            faults.append(Fault(key, repr(values), "a list of different texts, or a sentence on what stands in it"))
    return faults


def _bucket_faults(name: str, fields: dict[str, Any]) -> list[Fault]:
    key, buckets = f"{name}.buckets", fields.get("buckets")
    if fields["type"] != "histogram":
        return [Fault(key, repr(buckets), "buckets of a histogram only")] if buckets is not None else []
    if (
        not isinstance(buckets, list)
        or not buckets
        or not all(map(is_number, buckets))
        or buckets != sorted(set(buckets))
    ):
        return [Fault(key, repr(buckets), "a list of rising numbers")]
    # Objectives and alerts on response times are stated at these two; a quantile between far bounds is a guess.
    missing = [bound for bound in (0.2, 0.5) if bound not in buckets]
    return (
        [Fault(key, f"no bound at {' and '.join(map(str, missing))}", "bounds at 0.2 and 0.5 too")] if missing else []
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
