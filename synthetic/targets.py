"""Scrape targets of the synthetic platform, from steady.yaml."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from catalogue import contract
from common.problems import CatalogueError, Problem
from synthetic.behaviour import Behaviour, Kind
from synthetic.files import load_yaml

STEADY: Final = Path(__file__).with_name("steady.yaml")

_STRICT: Final = ConfigDict(frozen=True, extra="forbid", strict=True)
Labels = Mapping[str, str]


class _Row(Behaviour):
    """An entry of a metric: one series per combination of label values."""

    labels: dict[str, str | list[str]] = Field(default_factory=dict)
    buckets: list[float] = Field(default_factory=list)


class _Kind(BaseModel):
    """An entry of the file: targets that differ in one label."""

    model_config = _STRICT

    service: str | None = None
    labels: dict[str, str]
    each: dict[str, list[str]]
    metrics: dict[str, list[_Row]]


@dataclass(frozen=True)
class Series:
    """A series of a target, or all series of a histogram."""

    name: str
    labels: Labels
    kind: Kind
    buckets: tuple[float, ...]
    steady: Behaviour


@dataclass(frozen=True)
class Target:
    """A scrape target: its kind, and the labels from service discovery."""

    kind: str
    number: int
    labels: Labels
    series: tuple[Series, ...]

    @property
    def path(self) -> str:
        """Return the path of its metrics page."""
        return f"/{self.kind}/{self.number}/metrics"


def load(path: Path = STEADY) -> tuple[Target, ...]:
    """Load the targets of a file.

    Raises:
        CatalogueError: with every problem in the file.
    """
    kinds = load_yaml(path, TypeAdapter(dict[str, _Kind]))
    metrics = contract.load()
    if problems := [
        problem for name, kind in kinds.items() for problem in _problems(f"{path.name}: {name}", kind, metrics)
    ]:
        raise CatalogueError(problems)
    return tuple(target for name, kind in kinds.items() for target in _targets(name, kind, metrics))


def _targets(name: str, kind: _Kind, contracted: Mapping[str, contract.Metric]) -> Iterator[Target]:
    series = tuple(
        one
        for metric, rows in kind.metrics.items()
        for row in rows
        for one in _series(metric, row, contracted.get(metric) if kind.service else None)
    )
    for number, labels in enumerate(_combinations(kind.each)):
        yield Target(name, number, {**kind.labels, **labels}, series)


def _series(name: str, row: _Row, contracted: contract.Metric | None) -> Iterator[Series]:
    labels: dict[str, Any] = {}
    if contracted:
        labels = {label: list(values) for label, values in contracted.labels.items() if isinstance(values, tuple)}
    given = {label: [values] if isinstance(values, str) else values for label, values in row.labels.items()}
    buckets = contracted.buckets if contracted else tuple(row.buckets)
    steady = Behaviour(**row.model_dump(include=set(Behaviour.model_fields)))
    for each in _combinations({**labels, **given}):
        yield Series(name, each, steady.kind, buckets, steady)


def _combinations(labels: Mapping[str, list[str]]) -> Iterator[dict[str, str]]:
    for values in itertools.product(*labels.values()):
        yield dict(zip(labels, values, strict=True))


def _problems(key: str, kind: _Kind, contracted: Mapping[str, contract.Metric]) -> Iterator[Problem]:
    owned = [name for name, metric in contracted.items() if kind.service in metric.services]
    if kind.service and not owned:
        yield Problem(f"{key}.service", repr(kind.service), ", ".join(contract.SERVICES))
    for name in owned:
        if name not in kind.metrics:
            yield Problem(f"{key}.metrics.{name}", "missing", f"a {contracted[name].type}, as in the metrics contract")
    for name, rows in kind.metrics.items():
        if kind.service and name not in owned:
            yield Problem(f"{key}.metrics.{name}", "not in the contract", f"a metric of {kind.service}")
        for number, row in enumerate(rows):
            place = f"{key}.metrics.{name}.{number}"
            if name in owned and row.kind != contracted[name].type:
                yield Problem(place, f"a {row.kind}", f"a {contracted[name].type}, as in the metrics contract")
            if row.kind == "histogram" and not row.buckets and name not in owned:
                yield Problem(f"{place}.buckets", "none", "a list of upper bounds")
