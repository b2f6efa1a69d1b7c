"""Which addresses a stack has probed, and what Prometheus is told about each."""

from collections.abc import Mapping
from typing import Annotated, Final

from common.problems import Problem
from settings.base import AS_TUPLE, SettingsModel
from settings.fields import BaseUrl, Endpoint, Name
from settings.list_checks import as_mapping, iter_items, repeated_names

# The blackbox exporter's module for each kind of probe.
MODULES: Final[Mapping[str, str]] = {"http": "http_2xx", "tls": "tls_connect", "tcp": "tcp_connect"}


class Probe(SettingsModel):
    """What every probe has: its own name, and the service and team that its series and alerts are about."""

    name: Name
    service: Name
    team: Name = "platform"


class HttpProbe(Probe):
    """An address that has to answer with a status from 200 to 299, over a valid certificate if it is https."""

    url: BaseUrl


class ConnectionProbe(Probe):
    """A host and port that have to accept a connection."""

    address: Endpoint


class ProbesSettings(SettingsModel):
    """The probed addresses: over HTTP, by a TLS handshake, by a TCP connection."""

    http: Annotated[tuple[HttpProbe, ...], AS_TUPLE] = ()
    tls: Annotated[tuple[ConnectionProbe, ...], AS_TUPLE] = ()
    tcp: Annotated[tuple[ConnectionProbe, ...], AS_TUPLE] = ()


def probe_problems(values: Mapping[str, object]) -> list[Problem]:
    """What is wrong between probes, or between them and their exporter, in a stack's values as written."""
    probes = values.get("probes")
    items = [each for kind in MODULES for each in iter_items(f"probes.{kind}", as_mapping(probes).get(kind))]
    problems = repeated_names(items, "probe")
    exporter = values.get("blackboxExporter")
    if items and isinstance(exporter, Mapping) and exporter.get("enabled") is False:
        problems.append(
            Problem("monitoring:blackboxExporter.enabled", "false, with probes", "true, or no probe: it runs them")
        )
    return problems
