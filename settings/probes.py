"""Settings of the probes, and their checks."""

from collections.abc import Mapping
from typing import Annotated, Final

from common.problems import Problem
from settings.base import AS_TUPLE, SettingsModel
from settings.fields import BaseUrl, Endpoint, Name
from settings.list_checks import as_mapping, iter_items, repeated_name_problems

# The blackbox exporter's module per kind of probe.
MODULES: Final[Mapping[str, str]] = {"http": "http_2xx", "tls": "tls_connect", "tcp": "tcp_connect"}


class Probe(SettingsModel):
    """A probe: unique name, and the labels `service` and `team` of its series and alerts."""

    name: Name
    service: Name
    team: Name = "platform"


class HttpProbe(Probe):
    """A URL that must return a status from 200 to 299, with a valid certificate if it is https."""

    url: BaseUrl


class ConnectionProbe(Probe):
    """A host and port that must accept a connection."""

    address: Endpoint


class ProbesSettings(SettingsModel):
    """The probes, by HTTP request, TLS handshake or TCP connection."""

    http: Annotated[tuple[HttpProbe, ...], AS_TUPLE] = ()
    tls: Annotated[tuple[ConnectionProbe, ...], AS_TUPLE] = ()
    tcp: Annotated[tuple[ConnectionProbe, ...], AS_TUPLE] = ()


def probe_problems(values: Mapping[str, object]) -> list[Problem]:
    """Return the problems of repeated names and of a disabled blackbox exporter, from a stack's raw values."""
    probes = values.get("probes")
    items = [each for kind in MODULES for each in iter_items(f"probes.{kind}", as_mapping(probes).get(kind))]
    problems = repeated_name_problems(items, "probe")
    exporter = values.get("blackboxExporter")
    if items and isinstance(exporter, Mapping) and exporter.get("enabled") is False:
        problems.append(
            Problem(
                "monitoring:blackboxExporter.enabled",
                "false, with probes",
                "true, or no probes, because this exporter runs them",
            )
        )
    return problems
