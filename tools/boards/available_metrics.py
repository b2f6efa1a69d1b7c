"""Metrics available to dashboards: from the synthetic platform, running exporters, rules, and Prometheus itself."""

from catalogue import metric_evidence
from catalogue.metrics import BUILT_IN_METRICS
from catalogue.model import Recording
from synthetic import targets
from synthetic.targets import Series
from tools.boards.rendered_boards import CATALOGUE


def available_metrics() -> set[str]:
    """Return the metric names that a query may read, including the series of histograms."""
    exposed = {name for target in targets.load() for series in target.series for name in _names(series)}
    rules = (rule for area in CATALOGUE.areas for group in area.groups for rule in group.rules)
    recorded = {rule.name for rule in rules if isinstance(rule, Recording)}
    return exposed | set(metric_evidence.load()) | recorded | BUILT_IN_METRICS


def _names(series: Series) -> tuple[str, ...]:
    return tuple(f"{series.name}_{part}" for part in ("bucket", "sum", "count")) if series.buckets else (series.name,)
