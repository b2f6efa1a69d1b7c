"""Checks of notification channels per environment."""

from collections.abc import Iterator
from typing import Final

from common.problems import Problem
from policy.environments import is_production
from policy.model import Resource, problem
from policy.properties import alertmanager_files, items, mapping

_PAGING: Final = ("pagerduty_configs", "opsgenie_configs", "victorops_configs", "incidentio_configs")


def pages_only_from_production(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid paging receivers outside production."""
    if is_production(environment):
        return
    for file, content in alertmanager_files(resource):
        for receiver in map(mapping, items(content.get("receivers"))):
            for kind in _PAGING:
                if receiver.get(kind):
                    path = f"{file}.receivers.{receiver.get('name')}.{kind}"
                    yield problem(path, f"pages from environment {environment}", "channels that do not page")
