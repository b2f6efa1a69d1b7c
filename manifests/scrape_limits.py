"""Limits of scrapes, queries and rules as fields of custom resources and chart values."""

from collections.abc import Mapping
from typing import Any, Final

from settings.prometheus import PrometheusSettings
from settings.scrape_limits import ScrapeLimits

# Dropped targets that Prometheus keeps to show them.
_KEPT_DROPPED_TARGETS: Final = 100
# Adds the size and the limit of each scrape to its series, for the alert before a limit is reached.
FEATURES: Final = ("extra-scrape-metrics",)


def monitor_limits(limits: ScrapeLimits) -> dict[str, int]:
    """Return the fields of a monitor or Probe that limit each scrape, without the size of the body."""
    return {
        "sampleLimit": limits.samples,
        "targetLimit": limits.targets,
        "labelLimit": limits.labels,
        "labelNameLengthLimit": limits.label_name_length,
        "labelValueLengthLimit": limits.label_value_length,
    }


def chart_monitor_limits(limits: ScrapeLimits) -> Mapping[str, str]:
    """Return the values that limit the scrapes of a chart's monitor: text, because Helm writes 1000000 as `1e+06`."""
    return {name: str(count) for name, count in monitor_limits(limits).items()}


def prometheus_limits(settings: PrometheusSettings) -> dict[str, Any]:
    """Return the fields of a Prometheus that limit scrapes and queries.

    The limits of other teams apply to every job that names none. A job may name others up to the enforced ones, which
    are the larger of the platform's and the teams'; the admission policy keeps other teams from doing so. The body size
    is not enforced: the operator would write the enforced size into every job that names none.
    """
    platform, teams = settings.scrape_limits.platform, settings.scrape_limits.teams
    enforced = {
        f"enforced{name[0].upper()}{name[1:]}": max(count, monitor_limits(teams)[name])
        for name, count in monitor_limits(platform).items()
    }
    return {
        **monitor_limits(teams),
        "bodySizeLimit": teams.body_size,
        **enforced,
        "enforcedKeepDroppedTargets": _KEPT_DROPPED_TARGETS,
        "query": {
            "maxConcurrency": settings.queries.concurrency,
            "maxSamples": settings.queries.samples,
            "timeout": settings.queries.timeout,
        },
        "enableFeatures": list(FEATURES),
    }
