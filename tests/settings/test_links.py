"""Links that only pods can open."""

from __future__ import annotations

from typing import Final

import pytest

from settings.links import LinksSettings, link_problems

KEYS: Final = tuple(LinksSettings.model_fields)


def problems(link: str, address: str) -> list[tuple[str, str]]:
    """Return key and allowed values of the problems of a stack in `monitoring` with one changed link."""
    addresses = {"runbooks": "https://runbooks.example", "grafana": "https://grafana.example", link: address}
    links = LinksSettings.model_validate(addresses)
    found = link_problems({"links": links, "namespace": "monitoring"})
    return [(problem.key, problem.allowed) for problem in found]


@pytest.mark.parametrize("link", KEYS)
@pytest.mark.parametrize("host", ["grafana.monitoring", "grafana.monitoring.:3000", "x.monitoring-node-exporter"])
def test_the_short_name_of_a_service_of_the_stack_is_refused(link: str, host: str) -> None:
    allowed = "an address that people can open, not of a Service of the stack"
    assert problems(link, f"http://{host}") == [(f"monitoring:links.{link}", allowed)]


@pytest.mark.parametrize(
    "host", ["grafana", "grafana.corp", "monitoring.example", "a.b.monitoring", "10.0.0.1", "localhost:3000"]
)
def test_hosts_that_a_company_can_have_are_valid(host: str) -> None:
    assert problems("grafana", f"http://{host}") == []
