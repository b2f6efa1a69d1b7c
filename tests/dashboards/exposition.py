"""The metrics that the boards may read, and an hour of them as promtool backfills it."""

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

METRICS: Final[Mapping[str, Any]] = yaml.safe_load((Path(__file__).parent / "metrics.yaml").read_text(encoding="utf-8"))
STEP_SECONDS: Final = 30

Sample = tuple[str, dict[str, str], float]


def known() -> set[str]:
    """The names that a query may read, those that a histogram has in store included."""
    return {
        name
        for source in METRICS.values()
        for metric, kind in source["metrics"].items()
        for name in _names(metric, kind)
    }


def openmetrics(end: int, seconds: int) -> str:
    """Every metric with a sample each step of the last `seconds` before `end`, in seconds since the epoch."""
    first = end - seconds
    samples = [
        (f"{name}{_labels(labels)}", moment, value)
        for moment in range(first, end + 1, STEP_SECONDS)
        for name, labels, value in _samples(moment - first, end)
    ]
    return "\n".join([*(f"{series} {value} {moment}" for series, moment, value in sorted(samples)), "# EOF", ""])


def _samples(elapsed: int, end: int) -> Iterator[Sample]:
    for source in METRICS.values():
        for metric, kind in source["metrics"].items():
            for labels in _each({**source.get("labels", {}), **kind.get("labels", {})}):
                yield from _of(metric, kind, labels, elapsed, end)


def _of(metric: str, kind: Mapping[str, Any], labels: dict[str, str], elapsed: int, end: int) -> Iterator[Sample]:
    if "rate" in kind:
        yield metric, labels, kind.get("value", 0) + kind["rate"] * elapsed
    elif "seconds_ahead" in kind:
        yield metric, labels, end + kind["seconds_ahead"]
    elif "value" in kind:
        yield metric, labels, kind["value"]
    else:
        count = kind["observations"] * elapsed
        bounds = kind["buckets"]
        for place, bound in enumerate(bounds, 1):
            yield f"{metric}_bucket", {**labels, "le": str(float(bound))}, count * place / len(bounds)
        yield f"{metric}_bucket", {**labels, "le": "+Inf"}, count
        yield f"{metric}_count", labels, count


def _names(metric: str, kind: Mapping[str, Any]) -> tuple[str, ...]:
    return (f"{metric}_bucket", f"{metric}_count") if "observations" in kind else (metric,)


def _each(labels: Mapping[str, list[str]]) -> Iterator[dict[str, str]]:
    for values in itertools.product(*labels.values()):
        yield dict(zip(labels, values, strict=True))


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items() if value) + "}" if labels else ""
