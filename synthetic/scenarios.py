"""What goes wrong for a while: scenarios as data, one file each."""

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
    """Which series of which targets take another course, from when to when."""

    of: str
    labels: dict[str, str] = Field(default_factory=dict)
    target: dict[str, str] = Field(default_factory=dict)
    metric: str | None = None
    unreachable: bool = False
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
    """What series do between two moments of a scenario, in seconds; without a metric, the target cannot be reached.

    `course` says what is other than in the steady course, `times` by how much its rate or value is multiplied.
    """

    kind: str
    metric: str | None
    labels: Mapping[str, str]
    target: Mapping[str, str]
    start: float
    end: float
    course: Mapping[str, object]
    times: float

    def concerns(self, target: Target) -> bool:
        """Tell whether it happens to a target."""
        return self.kind == target.kind and self.target.items() <= target.labels.items()

    def alters(self, series: Series) -> bool:
        """Tell whether a series of such a target takes its course."""
        return self.metric == series.name and self.labels.items() <= series.labels.items()

    def applied(self, steady: Behaviour) -> Behaviour:
        """Return the course that a series takes meanwhile."""
        multiplied = {
            name: number * self.times for name in ("rate", "value") if (number := getattr(steady, name)) is not None
        }
        return steady.model_copy(update={**multiplied, **self.course})


@dataclass(frozen=True)
class Scenario:
    """What happens, and which alerts fire then and no others; `lasts` is in seconds.

    `expects_after_a_week` are those that fire besides where data of the week before is there to compare with.
    """

    name: str
    summary: str
    lasts: float
    expects: tuple[str, ...]
    expects_after_a_week: tuple[str, ...]
    changes: tuple[Change, ...]


def load(targets: Iterable[Target], folder: Path = FOLDER) -> dict[str, Scenario]:
    """Read every scenario of a folder, by name.

    Raises:
        CatalogueError: with every problem of all files; a change has to concern something that is there.
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
    """Return the scenario that a file of this name and content would hold.

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
            labels=change.labels,
            target=change.target,
            start=parse_duration(change.start),
            end=parse_duration(change.end or file.lasts),
            course=change.model_dump(include=set(Behaviour.model_fields), exclude_unset=True),
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
    for number, written in enumerate(content.changes):
        times |= {f"changes.{number}.from": written.start, f"changes.{number}.to": written.end or content.lasts}
    wrong = {key: text for key, text in times.items() if not is_duration(text)}
    yield from (Problem(f"{file}: {key}", repr(text), "a duration such as 90s or 20m") for key, text in wrong.items())
    if wrong:
        return
    for number, (written, change) in enumerate(zip(content.changes, _scenario(file, content).changes, strict=True)):
        key = f"{file}: changes.{number}"
        if not 0 <= change.start < change.end <= parse_duration(content.lasts):
            yield Problem(
                key, f"from {written.start} to {written.end or content.lasts}", f"a time within {content.lasts}"
            )
        alters = bool(change.course) or written.times is not None
        if written.unreachable == (written.metric is not None) or written.unreachable == alters:
            yield Problem(key, "another mixture", "either unreachable, or a metric and what it does")
        yield from _target_problems(key, change, targets)


def _target_problems(key: str, change: Change, targets: tuple[Target, ...]) -> Iterator[Problem]:
    if change.kind not in {target.kind for target in targets}:
        yield Problem(f"{key}.of", repr(change.kind), suggestion(change.kind, {target.kind for target in targets}))
        return
    concerned = [target for target in targets if change.concerns(target)]
    if not concerned:
        yield Problem(f"{key}.target", repr(dict(change.target)), f"labels of a target of {change.kind}")
        return
    if change.metric is None:
        return
    series = [one for target in concerned for one in target.series]
    if change.metric not in {one.name for one in series}:
        yield Problem(f"{key}.metric", change.metric, suggestion(change.metric, {one.name for one in series}))
        return
    altered = [one for one in series if change.alters(one)]
    if not altered:
        yield Problem(f"{key}.labels", repr(dict(change.labels)), f"labels of a series of {change.metric}")
    for allowed in {one.steady.fields for one in altered}:
        if unfit := change.course.keys() - allowed:
            yield Problem(key, ", ".join(sorted(unfit)), ", ".join(sorted(allowed)))
