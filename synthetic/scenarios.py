"""Failure scenarios of the synthetic platform, one file per scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from common.durations import is_duration, parse_duration
from common.problems import CatalogueError, Problem, suggestion
from synthetic.behaviour import Behaviour
from synthetic.files import load_yaml, validate
from synthetic.targets import Series, Target

FOLDER: Final = Path(__file__).with_name("scenarios")


class _Change(Behaviour):
    """A change in a scenario file: target, series, period and new behaviour."""

    of: str
    labels: dict[str, str] = Field(default_factory=dict)
    target: dict[str, str] = Field(default_factory=dict)
    metric: str | None = None
    unreachable: bool = False
    gone: bool = False
    times: float | None = Field(default=None, ge=0)
    start: str = Field(default="0s", alias="from")
    end: str | None = Field(default=None, alias="to")


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    summary: str
    lasts: str
    expects: list[str]
    expects_after_a_week: list[str] = Field(default_factory=list)
    changes: list[_Change]


@dataclass(frozen=True)
class Change:
    """A change of series for a part of a scenario.

    Attributes:
        kind: Kind of the targets.
        metric: Metric that changes; None if the targets become unreachable or are gone.
        gone: Whether the targets disappear from service discovery.
        labels: Labels of the series that change.
        target: Labels of the targets.
        start: Begin, in seconds from the start of the scenario.
        end: End, in seconds from the start of the scenario.
        fields: Fields that differ from the steady behaviour.
        times: Factor for the steady rate or value.
    """

    kind: str
    metric: str | None
    gone: bool
    labels: Mapping[str, str]
    target: Mapping[str, str]
    start: float
    end: float
    fields: Mapping[str, object]
    times: float

    def matches(self, target: Target) -> bool:
        """Return whether a target is affected."""
        return self.kind == target.kind and self.target.items() <= target.labels.items()

    def affects(self, series: Series) -> bool:
        """Return whether a series of such a target is affected."""
        return self.metric == series.name and self.labels.items() <= series.labels.items()

    def apply(self, steady: Behaviour) -> Behaviour:
        """Return the behaviour during the change."""
        multiplied = {
            name: number * self.times for name in ("rate", "value") if (number := getattr(steady, name)) is not None
        }
        return steady.model_copy(update={**multiplied, **self.fields})


@dataclass(frozen=True)
class Scenario:
    """A failure scenario.

    Attributes:
        name: Name of its file.
        summary: Description of the failure.
        duration: Duration in seconds.
        expects: Exactly the alerts that must fire.
        expects_after_a_week: Additional alerts that need data of the previous week.
        changes: Changes of targets and series.
    """

    name: str
    summary: str
    duration: float
    expects: tuple[str, ...]
    expects_after_a_week: tuple[str, ...]
    changes: tuple[Change, ...]


def load(targets: Iterable[Target], folder: Path = FOLDER) -> dict[str, Scenario]:
    """Load every scenario of a folder, by name.

    Raises:
        CatalogueError: with every problem of all files, such as changes that match no target or series.
    """
    problems: list[Problem] = []
    scenarios: dict[str, Scenario] = {}
    every = tuple(targets)
    for path in sorted(folder.glob("*.yaml")):
        try:
            scenarios[path.stem] = _scenario(path.stem, _check(path.name, load_yaml(path, TypeAdapter(_File)), every))
        except CatalogueError as error:
            problems += error.problems
    if problems:
        raise CatalogueError(problems)
    return scenarios


def parse(name: str, content: object, targets: Iterable[Target]) -> Scenario:
    """Return the scenario with this name and the content of a scenario file.

    Raises:
        CatalogueError: with every problem in it.
    """
    return _scenario(name, _check(name, validate(name, content, TypeAdapter(_File)), tuple(targets)))


def _check(name: str, file: _File, targets: tuple[Target, ...]) -> _File:
    if problems := list(_problems(name, file, targets)):
        raise CatalogueError(problems)
    return file


def _scenario(name: str, file: _File) -> Scenario:
    changes = (
        Change(
            kind=change.of,
            metric=change.metric,
            gone=change.gone,
            labels=change.labels,
            target=change.target,
            start=parse_duration(change.start),
            end=parse_duration(change.end or file.lasts),
            fields=change.model_dump(include=set(Behaviour.model_fields), exclude_unset=True),
            times=1 if change.times is None else change.times,
        )
        for change in file.changes
    )
    return Scenario(
        name,
        file.summary,
        parse_duration(file.lasts),
        tuple(file.expects),
        tuple(file.expects_after_a_week),
        tuple(changes),
    )


def _problems(file: str, content: _File, targets: tuple[Target, ...]) -> Iterator[Problem]:
    times = {"lasts": content.lasts}
    for number, row in enumerate(content.changes):
        times |= {f"changes.{number}.from": row.start, f"changes.{number}.to": row.end or content.lasts}
    invalid = {key: text for key, text in times.items() if not is_duration(text)}
    yield from (Problem(f"{file}: {key}", repr(text), "a duration such as 90s or 20m") for key, text in invalid.items())
    if invalid:
        return
    for number, (row, change) in enumerate(zip(content.changes, _scenario(file, content).changes, strict=True)):
        key = f"{file}: changes.{number}"
        if not 0 <= change.start < change.end <= parse_duration(content.lasts):
            yield Problem(key, f"from {row.start} to {row.end or content.lasts}", f"a period within {content.lasts}")
        changes_series = bool(change.fields) or row.times is not None
        if [row.unreachable, row.gone, row.metric is not None].count(True) != 1 or changes_series != bool(row.metric):
            yield Problem(
                key, "an invalid combination of fields", "one of unreachable, gone, or a metric and its new behaviour"
            )
        yield from _target_problems(key, change, targets)


def _target_problems(key: str, change: Change, targets: tuple[Target, ...]) -> Iterator[Problem]:
    if change.kind not in {target.kind for target in targets}:
        yield Problem(f"{key}.of", repr(change.kind), suggestion(change.kind, {target.kind for target in targets}))
        return
    matching = [target for target in targets if change.matches(target)]
    if not matching:
        yield Problem(f"{key}.target", repr(dict(change.target)), f"labels of a target of {change.kind}")
        return
    if change.metric is None:
        return
    series = [one for target in matching for one in target.series]
    if change.metric not in {one.name for one in series}:
        yield Problem(f"{key}.metric", change.metric, suggestion(change.metric, {one.name for one in series}))
        return
    affected = [one for one in series if change.affects(one)]
    if not affected:
        yield Problem(f"{key}.labels", repr(dict(change.labels)), f"labels of a series of {change.metric}")
    for allowed in {one.steady.fields for one in affected}:
        if invalid := change.fields.keys() - allowed:
            yield Problem(key, ", ".join(sorted(invalid)), ", ".join(sorted(allowed)))
