"""Tests that staging differs from production only in size, names, addresses and limits."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from common.project import PROJECT
from settings.sources import from_file

# Names, addresses, channels, sizes and alert limits; a key that ends in a dot covers everything below it.
MAY_DIFFER: Final = (
    "environment",
    "cluster.name",
    "cluster.context",
    "links.",
    "notifications.pagerduty",
    "notifications.email.",
    "prometheus.replicas",
    "prometheus.retention",
    "notifications.quietHours.",
    "prometheus.storage.",
    "prometheus.resources.",
    "alertmanager.replicas",
    "alertmanager.retention",
    "alertmanager.storage.",
    "alertmanager.resources.",
    "grafana.storage.",
    "grafana.resources.",
    "grafana.ingress.",
    "grafana.signOn.",
    "operator.resources.",
    "probes.",
    "alerts.tunables.",
    "alerts.overrides.",
)


def settings(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and (value or "." not in path):
        for key, item in value.items():
            yield from settings(item, f"{path}.{key}" if path else key)
    else:  # An empty mapping below a section is a setting: `slack: {}` enables Slack.
        yield path, value


def mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}


def unexpected_differences(staging: Mapping[str, Any], prod: Mapping[str, Any]) -> list[str]:
    one, other = dict(settings(staging)), dict(settings(prod))
    differing = (key for key in sorted({*one, *other}) if one.get(key) != other.get(key))
    return [
        key
        for key in differing
        if not any(key == allowed or (allowed[-1] == "." and f"{key}.".startswith(allowed)) for allowed in MAY_DIFFER)
    ]


def test_staging_and_production_differ_only_in_allowed_settings() -> None:
    staging, prod = (
        from_file(PROJECT / f"Pulumi.{name}.yaml", PROJECT / "Pulumi.yaml") for name in ("staging", "prod")
    )
    assert unexpected_differences(staging.values, prod.values) == []


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [("prometheus", "scrapeInterval", "5m"), ("charts", "source", "charts"), ("notifications", "slack", {"x": "#y"})],
)
def test_other_differences_are_reported(section: str, key: str, value: object) -> None:
    values = from_file(PROJECT / "Pulumi.prod.yaml", PROJECT / "Pulumi.yaml").values
    changed = {**values, section: mapping(values[section]) | {key: value}}
    assert all(name.startswith(f"{section}.{key}") for name in unexpected_differences(changed, values))
    assert unexpected_differences(changed, values) != []
