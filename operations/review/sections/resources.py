"""Section: requested against used resources of the stack and of the BAIS services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from common.words import counted
from operations.review.data import ReviewData
from operations.review.formats import cores, listed, size
from operations.review.model import Cell, Column, Finding, Impact, Kind, Section, table
from operations.review.readings import UnknownError

TITLE: Final = "Requests and usage"
_PERCENTILE: Final = 0.95
# Above its request, a container gets what others leave; within a tenth, the estimate is not precise enough to tell.
_ABOVE_REQUEST: Final = 1.1
# A container that uses less wastes the rest: no other pod may be scheduled there.
_WASTED: Final = 0.2
# Close to its limit, a container is about to be killed.
_NEAR_LIMIT: Final = 0.9
_COLUMNS: Final = (
    Column("container"),
    Column("CPU requested", Kind.CORES),
    Column("CPU used (p95)", Kind.CORES),
    Column("memory requested", Kind.BYTES),
    Column("memory used (p95)", Kind.BYTES),
    Column("verdict"),
)
# Without any series of a kind, it is unknown whether containers have none or kube-state-metrics does not report them.
_OPTIONAL: Final = ("cpu_requested", "memory_requested", "memory_limits")


def section(data: ReviewData) -> Section:
    """Return the containers, those with too small requests first."""
    used = {query: _percentiles(data, query) for query in ("cpu_used", "memory_used")}
    given = {query: _last(data, query) for query in _OPTIONAL}
    names = sorted({name for found in used.values() for name in found} | set(given["cpu_requested"]))
    rows = [_row(name, used, given) for name in names]
    bad = [row for row in rows if row[-1] != _FITS]
    rows.sort(key=lambda row: (row[-1] == _FITS, row[0]))
    small = [row for row in bad if not str(row[-1]).startswith(_TOO_LARGE)]
    if bad:
        verdicts = [f"{row[0]} ({row[-1]})" for row in (*small, *(row for row in bad if row not in small))]
        conclusion = (
            f"{len(bad)} of {counted(len(rows), 'container')} with other requests than usage: {listed(verdicts)}."
        )
    else:
        conclusion = f"The requests of all {counted(len(rows), 'container')} fit their usage, as far as it is known."
    findings = tuple(
        Finding(Impact.RESOURCES_TOO_SMALL, 0, "capacity", f"Container {row[0]}: {row[-1]}. Change its resources.")
        for row in small
    )
    return Section(
        title=TITLE,
        conclusion=conclusion,
        tables=(table(_COLUMNS, rows, most=40),),
        findings=findings,
        unknown=tuple(_unknown(data, names)),
    )


_FITS: Final = "fits"
_TOO_LARGE: Final = "requests too much"


def _row(
    name: str, used: Mapping[str, Mapping[str, float]], given: Mapping[str, Mapping[str, float]]
) -> tuple[Cell, ...]:
    cpu, memory = used["cpu_used"].get(name), used["memory_used"].get(name)
    cpu_requested, memory_requested, limit = (given[query].get(name) for query in _OPTIONAL)
    verdicts: list[str] = []
    if limit is not None and memory is not None and memory > _NEAR_LIMIT * limit:
        verdicts.append(f"memory close to its limit of {size(limit)}")
    for kind, request, usage, text in (
        ("CPU", cpu_requested, cpu, cores),
        ("memory", memory_requested, memory, size),
    ):
        if usage is None:
            continue
        if request is None:
            verdicts += [f"no {kind} request"] if given[f"{kind.lower()}_requested"] else []
        elif usage > _ABOVE_REQUEST * request:
            verdicts.append(f"uses {text(usage)} {kind} but requests {text(request)}")
        elif usage < _WASTED * request:
            verdicts.append(f"{_TOO_LARGE} {kind}")
    # What is too small comes before what is too large.
    verdicts.sort(key=lambda verdict: verdict.startswith(_TOO_LARGE))
    return name, cpu_requested, cpu, memory_requested, memory, ", ".join(verdicts) or _FITS


def _unknown(data: ReviewData, names: list[str]) -> Iterator[str]:
    for query in _OPTIONAL:
        if query not in data.readings.found:
            yield data.readings.reasons[query]
    for namespace in (*data.scope.stack, *data.scope.services):
        if not any(name.startswith(f"{namespace}/") for name in names):
            yield f"no container metrics of namespace {namespace}"


def _name(labels: Mapping[str, str]) -> str:
    return f"{labels.get('namespace', '')}/{labels.get('container', '')}"


def _last(data: ReviewData, query: str) -> dict[str, float]:
    try:
        return {_name(one.labels): one.last for one in data.readings.series(query)}
    except UnknownError:
        return {}


def _percentiles(data: ReviewData, query: str) -> dict[str, float]:
    return {_name(one.labels): percentile(list(one.values.values())) for one in data.readings.series(query)}


def percentile(values: list[float]) -> float:
    """Return the 95th percentile of values: the smallest that so many do not exceed."""
    return sorted(values)[max(0, round(len(values) * _PERCENTILE) - 1)]
