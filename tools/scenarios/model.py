"""A scenario: series over time, and the notifications that they must produce."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from common.durations import is_duration, parse_duration
from common.problems import CatalogueError, Problem

# Defaults of all scenarios of a folder, and series that they share.
DEFAULTS: Final = "defaults.yaml"
SHARED: Final = "shared"

_SERIES: Final = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)?\s*(?:{(?P<labels>.*)})?")
_LABEL: Final = re.compile(r'\s*(?P<name>[a-zA-Z_]\w*)\s*=\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*(?:,|$)')


def _is_duration(value: str) -> str:
    if not is_duration(value):
        raise ValueError("a duration such as 30s, 5m or 1d2h")
    return value


def _text(value: object) -> object:
    """Return a date or a number as YAML had it: promtool reads both as text."""
    return value if isinstance(value, dict | list) else str(value)


Duration = Annotated[str, AfterValidator(_is_duration)]
Text = Annotated[str, BeforeValidator(_text)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class Series(_Model):
    """A series in promtool's notation, from the start of the scenario."""

    series: str
    values: Text

    @property
    def identity(self) -> Identity:
        """Name and labels."""
        return Identity.parse(self.series)


@dataclass(frozen=True)
class Identity:
    """Name and labels of a series, or of a selector of series that compares for equality."""

    name: str
    labels: frozenset[tuple[str, str]]

    @classmethod
    def parse(cls, text: str) -> Identity:
        """Parse `name{label="value"}`; ValueError if it has another form."""
        found = _SERIES.fullmatch(text.strip())
        if not found:
            raise ValueError(text)
        rest, labels = found["labels"] or "", set()
        while rest.strip():
            label = _LABEL.match(rest)
            if not label:
                raise ValueError(text)
            labels.add((label["name"], label["value"]))
            rest = rest[label.end() :]
        return cls(found["name"] or "", frozenset(labels))

    def selects(self, other: Identity) -> bool:
        """Return whether a series has this name, if any, and all these labels."""
        return self.name in ("", other.name) and self.labels <= other.labels


class Notification(_Model):
    """One incident as a receiver sees it.

    Attributes:
        receiver: Name of the receiver in Alertmanager's configuration.
        alerts: Names of all alerts that its messages list, sorted; one entry per name.
        labels: Labels that the alerts have in common, besides others; they name the victim.
        messages: Number of messages in each of its channels, without repetitions and resolutions.
        within: Time from the start of the scenario in which the first message arrives.
    """

    receiver: str
    alerts: tuple[str, ...]
    labels: Mapping[str, str] = Field(default_factory=dict)
    messages: int = Field(default=1, ge=1)
    within: Duration | None = None


class Scenario(_Model):
    """A story with its series and the notifications that are wanted.

    Attributes:
        story: What happens, in a sentence.
        wanted: Who should be notified, in words.
        family: Kind of scenario, by which the report groups.
        interval: Time between two samples of a series.
        evaluation: Time between two evaluations of the rules.
        start_timestamp: Date of the first sample, where the calendar matters.
        begin: Time from which alerts are sent to Alertmanager; earlier ones are history.
        end: Time of the last evaluation.
        longest_window: Rules that read a longer range are left out, because a history of weeks times a window of weeks
            takes too long.
        shared: Files with series in the folder `shared` that the scenario has, too.
        without: Selectors of shared series that the scenario does not have.
        series: Its own series; one with the labels of a shared series replaces that.
        settings: Settings that differ from those of the stack.
        notifications: All notifications that are sent; empty if no one is notified.
        open: Why it fails today; a scenario that passes must not have it.
    """

    name: str = ""
    story: str
    wanted: str
    family: str
    stack: str = "prod"
    interval: Duration = "1m"
    evaluation: Duration = "1m"
    start_timestamp: Text | None = None
    begin: Duration = "0s"
    end: Duration
    longest_window: Duration | None = None
    shared: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    settings: Mapping[str, Any] = Field(default_factory=dict)
    ignored_receivers: tuple[str, ...] = ()
    notifications: tuple[Notification, ...] = ()
    open: str | None = None

    @property
    def moments(self) -> range:
        """Seconds from the start at which the rules are evaluated and alerts are sent."""
        step = parse_duration(self.evaluation)
        return range(parse_duration(self.begin), parse_duration(self.end) + 1, step)


def load(folder: Path) -> list[Scenario]:
    """Load every scenario of a folder, each with the shared series that it names.

    Raises:
        CatalogueError: with every problem of every file.
    """
    defaults = _read(folder / DEFAULTS) if (folder / DEFAULTS).exists() else {}
    problems: list[Problem] = []
    scenarios = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name == DEFAULTS:
            continue
        try:
            content = _read(path)
            if not isinstance(content, dict):
                raise ValueError(f"{content!r} instead of a mapping")
            if "settings" in content:
                content["settings"] = _settings(path)
            scenario = Scenario.model_validate({**defaults, **content, "name": path.stem})
            scenarios.append(_with_shared(scenario, folder / SHARED))
        except ValidationError as error:
            problems += (_problem(path, each) for each in error.errors())
        except (ValueError, OSError, yaml.YAMLError) as error:
            problems.append(Problem(path.name, str(error), "a scenario as docs/reference/scenarios.md describes"))
    if problems:
        raise CatalogueError(problems)
    return scenarios


def _with_shared(scenario: Scenario, folder: Path) -> Scenario:
    without = [Identity.parse(each) for each in scenario.without]
    own = {each.identity for each in scenario.series}
    samples = parse_duration(scenario.end) // parse_duration(scenario.interval)
    shared = [series for name in scenario.shared for series in _shared(folder / f"{name}.yaml", samples)]
    unmatched = [
        text
        for text, selector in zip(scenario.without, without, strict=True)
        if not any(selector.selects(each.identity) for each in shared)
    ]
    if unmatched:
        raise ValueError(f"without: {unmatched[0]} selects no shared series")
    left = [
        each
        for each in shared
        if each.identity not in own and not any(selector.selects(each.identity) for selector in without)
    ]
    return scenario.model_copy(update={"series": (*left, *scenario.series)})


def _shared(path: Path, samples: int) -> Iterator[Series]:
    """Yield the series of a file, which lists them by target; a value such as `1` or `0+600` continues to the end."""
    for target in _read(path):
        labels = ", ".join(f'{name}="{value}"' for name, value in target["labels"].items())
        for series, values in target["series"].items():
            name, _, own = series.partition("{")
            separator = ", " if own and labels else ""
            yield Series(series=f"{name}{{{labels}{separator}{own or '}'}", values=f"{values}x{samples}")


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)


def _settings(path: Path) -> Any:
    """Return the settings of a file with numbers as numbers; everything else in it stays text."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["settings"]


def _problem(path: Path, error: Any) -> Problem:
    where = ".".join(map(str, error["loc"]))
    return Problem(f"{path.name}: {where}", repr(error["input"])[:80], error["msg"].removeprefix("Value error, "))
