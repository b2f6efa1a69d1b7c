"""Which addresses a stack has probed, and what Prometheus is told about each."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

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


def probe_specifications(probes: Probes, *, prober: str, interval: str | None) -> dict[str, dict[str, Any]]:
    """The `spec` of each Probe by the name of its object, which is its job too; `prober` is the exporter's address.

    Without `interval`, Prometheus's own applies.

    The prefix keeps a probe from taking the job of something else, whose absence nobody would notice then.
    """
    targets: list[tuple[str, Probe, str]] = [("http", probe, probe.url) for probe in probes.http]
    targets += [("tls", probe, probe.address) for probe in probes.tls]
    targets += [("tcp", probe, probe.address) for probe in probes.tcp]
    return {
        f"probe-{probe.name}": {
            "jobName": f"probe-{probe.name}",
            "prober": {"url": prober},
            "module": MODULES[kind],
            "targets": {"staticConfig": {"static": [target], "labels": {"service": probe.service, "team": probe.team}}},
            **({"interval": interval} if interval else {}),
        }
        for kind, probe, target in targets
    }
