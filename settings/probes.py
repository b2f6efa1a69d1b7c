"""Which addresses a stack has probed, and what Prometheus is told about each."""

from collections.abc import Mapping
from typing import Annotated, Final

from common.problems import Fault
from settings.base import LIST, Section
from settings.fields import BaseUrl, Endpoint, Name
from settings.list_checks import listed, mapping, repeated_names

# The blackbox exporter's module for each kind of probe.
MODULES: Final[Mapping[str, str]] = {"http": "http_2xx", "tls": "tls_connect", "tcp": "tcp_connect"}


class Probe(Section):
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


class Probes(Section):
    """The probed addresses: over HTTP, by a TLS handshake, by a TCP connection."""

    http: Annotated[tuple[HttpProbe, ...], LIST] = ()
    tls: Annotated[tuple[ConnectionProbe, ...], LIST] = ()
    tcp: Annotated[tuple[ConnectionProbe, ...], LIST] = ()


def probe_faults(values: Mapping[str, object]) -> list[Fault]:
    """What is wrong between probes, or between them and their exporter, in a stack's values as written."""
    probes = values.get("probes")
    items = [each for kind in MODULES for each in listed(f"probes.{kind}", mapping(probes).get(kind))]
    faults = repeated_names(items, "probe")
    exporter = values.get("blackboxExporter")
    if items and isinstance(exporter, Mapping) and exporter.get("enabled") is False:
        faults.append(
            Fault("monitoring:blackboxExporter.enabled", "false, with probes", "true, or no probe: it runs them")
        )
    return faults
