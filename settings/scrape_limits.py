"""Limits of scrapes, queries and rules, so that one target or query cannot exhaust Prometheus's memory."""

from typing import Annotated

from settings.base import SettingsModel
from settings.fields import BodySize, QueryTimeout
from settings.validators import whole_number

_Samples = Annotated[int, whole_number(1_000, 20_000_000)]
_Targets = Annotated[int, whole_number(10, 100_000)]


class ScrapeLimits(SettingsModel):
    """Limits of one job; a scrape that exceeds one is discarded as a whole, which has an alert.

    Samples, labels and body size are those of one response. The defaults are those for other teams.
    """

    samples: _Samples = 200_000
    targets: _Targets = 2_000
    labels: Annotated[int, whole_number(20, 1_000)] = 64
    label_name_length: Annotated[int, whole_number(64, 4_096)] = 256
    label_value_length: Annotated[int, whole_number(256, 65_536)] = 2_048
    body_size: BodySize = "64MB"


class PlatformScrapeLimits(ScrapeLimits):
    """Limits of the stack's own jobs, some of which grow with the cluster."""

    samples: _Samples = 1_000_000
    targets: _Targets = 5_000
    body_size: BodySize = "256MB"


class ScrapeLimitsSettings(SettingsModel):
    """Limits of the stack's own jobs, and of those that other teams add."""

    platform: PlatformScrapeLimits = PlatformScrapeLimits()
    teams: ScrapeLimits = ScrapeLimits()


class QuerySettings(SettingsModel):
    """Limits of queries, including those of rules: at most `samples` in memory for one of them."""

    concurrency: Annotated[int, whole_number(2, 256)] = 20
    samples: Annotated[int, whole_number(1_000_000, 1_000_000_000)] = 50_000_000
    timeout: QueryTimeout = "2m"
